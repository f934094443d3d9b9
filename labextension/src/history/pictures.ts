/** The picture of a text, with the elements marked that another text lacks. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { element } from '../diagram/dom';
import type { IDiagramRenderer } from '../diagram/tokens';
import { cleanSvg, marginFor } from '../render/clean';
import { foreignLines } from './entries';

export class PictureBox {
  readonly node = element('div', 'ptg-History-picture');

  constructor(
    private readonly _options: {
      renderer: IDiagramRenderer;
      trans: TranslationBundle;
      /** Unlike that of any other box in the page. */
      key: string;
      isDark: () => boolean;
    }
  ) {}

  /** Draw `source`; marked is what `other` lacks, if that is given. */
  async show(source: string, other: string | null): Promise<void> {
    const { renderer, trans, key, isDark } = this._options;
    const dark = isDark();
    const wanted = JSON.stringify([source, other, dark]);
    if (wanted === this._shown) {
      return;
    }
    this._shown = wanted;
    const result = await renderer.render(source, { dark, key });
    if (wanted !== this._shown || result.kind === 'superseded') {
      return;
    }
    this.node.classList.toggle('ptg-mod-dark', dark);
    if (result.kind !== 'picture') {
      const words =
        result.kind === 'empty'
          ? trans.__('There is no diagram in this text.')
          : trans.__('No picture: %1', result.diagnostic.message);
      this.node.replaceChildren(element('p', 'ptg-History-empty', words));
      return;
    }
    const picture = cleanSvg(result.svg, {
      prefix: `${key}-`,
      margin: marginFor(result.lines[0])
    });
    if (other !== null) {
      const foreign = foreignLines(result.lines, other);
      for (const group of picture.querySelectorAll('[data-source-line]')) {
        const line = Number(group.getAttribute('data-source-line'));
        group.classList.toggle('ptg-mod-changed', foreign.has(line));
      }
    }
    this.node.replaceChildren(picture);
  }

  private _shown = '';
}

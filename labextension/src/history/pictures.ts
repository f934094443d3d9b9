/** The picture of a text. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDiagramRenderer } from '../diagram/renderer';
import { cleanSvg, marginFor } from '../render/clean';
import { element } from '../ui/dom';
import type { IDrawn } from './changes';

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

  /** What is shown; `null` while there is no picture. */
  get drawn(): IDrawn | null {
    return this._drawn;
  }

  /** Draw `source`. */
  show(source: string): Promise<void> {
    const dark = this._options.isDark();
    const wanted = JSON.stringify([source, dark]);
    if (wanted !== this._shown) {
      this._shown = wanted;
      this._drawing = this._draw(source, dark, wanted);
    }
    // Also where another call has begun it.
    return this._drawing;
  }

  private async _draw(
    source: string,
    dark: boolean,
    wanted: string
  ): Promise<void> {
    const { renderer, trans, key } = this._options;
    this._drawn = null;
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
      margin: marginFor(result.lines[0] ?? '')
    });
    this._drawn = { svg: picture, source, lines: result.lines };
    this.node.replaceChildren(picture);
  }

  private _shown = '';
  private _drawing = Promise.resolve();
  private _drawn: IDrawn | null = null;
}

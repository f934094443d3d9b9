/**
 * Saves and copies a diagram's picture.
 *
 * What is exported is drawn anew from the text, light on white unless the
 * settings ask for what the preview shows: a picture for a document should
 * not depend on the theme of the one who made it. A text with an error gives
 * the last good picture.
 */
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { cleanSvg, marginFor } from '../render/clean';
import type { IRendered } from '../render/protocol';
import { download, pngBlob, svgText } from './picture';
import type { PictureFormat } from './picture';
import type { DiagramWidget } from './widget';

const LIGHT_PAPER = '#ffffff';
const DARK_PAPER = '#1b1b1b';

export class Exporter {
  constructor(private _trans: TranslationBundle) {}

  /** Draw exports as the preview does, dark in a dark theme. */
  asShown = false;

  async save(widget: DiagramWidget, format: PictureFormat): Promise<void> {
    const made = await this._picture(widget);
    if (made) {
      const blob =
        format === 'svg'
          ? new Blob([svgText(made.picture, made.dark ? DARK_PAPER : null)], {
              type: 'image/svg+xml'
            })
          : await pngBlob(made.picture, made.paper);
      download(blob, `${widget.baseName}${made.suffix}.${format}`);
    }
  }

  async copy(widget: DiagramWidget, format: PictureFormat): Promise<void> {
    const trans = this._trans;
    const made = await this._picture(widget);
    if (!made) {
      return;
    }
    try {
      if (format === 'svg') {
        await navigator.clipboard.writeText(
          svgText(made.picture, made.dark ? DARK_PAPER : null)
        );
      } else {
        const blob = await pngBlob(made.picture, made.paper);
        await navigator.clipboard.write([
          new ClipboardItem({ 'image/png': blob })
        ]);
      }
      Notification.success(trans.__('Copied as %1.', format.toUpperCase()), {
        autoClose: 2000
      });
    } catch (reason) {
      // Browsers give the clipboard to secure pages and focused windows only.
      Notification.error(
        trans.__('The browser did not allow copying: %1', String(reason))
      );
    }
  }

  private async _picture(widget: DiagramWidget): Promise<{
    picture: SVGSVGElement;
    dark: boolean;
    paper: string;
    suffix: string;
  } | null> {
    const { live, preview } = widget.content;
    const dark = this.asShown && preview.isDark;
    const result = await live.render({ dark, page: live.page });
    let rendered: IRendered | null = result.kind === 'picture' ? result : null;
    if (!rendered && result.kind !== 'empty' && live.current) {
      rendered = live.current;
    }
    if (!rendered) {
      Notification.warning(
        this._trans.__('There is no picture to export yet.'),
        { autoClose: 4000 }
      );
      return null;
    }
    const isDark = rendered === result ? dark : preview.isDark;
    return {
      picture: cleanSvg(rendered.svg, {
        prefix: '',
        margin: marginFor(rendered.lines[0] ?? '')
      }),
      dark: isDark,
      paper: isDark ? DARK_PAPER : LIGHT_PAPER,
      suffix: rendered.pages > 1 ? `-${rendered.page + 1}` : ''
    };
  }
}

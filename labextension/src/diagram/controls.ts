/**
 * The controls that float over a picture: pages at the left, zoom at the
 * right.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import { element } from '../ui/dom';
import {
  fitIcon,
  nextIcon,
  previousIcon,
  zoomInIcon,
  zoomOutIcon
} from './icons';
import type { Viewport } from './viewport';

export class Controls {
  constructor(
    private _viewport: Viewport,
    private _trans: TranslationBundle
  ) {
    this.node = element('div', 'jp-Diagram-controls');
    this._pager = element('div', 'jp-Diagram-group jp-Diagram-pager');
    this._pager.setAttribute('role', 'group');
    this._pager.setAttribute('aria-label', _trans.__('Pages'));
    this._pager.hidden = true;
    this._pageLabel = element('span', 'jp-Diagram-pageLabel');
    this._previous = iconButton(
      previousIcon,
      _trans.__('Previous picture'),
      () => this._pageRequested.emit(this._page - 1)
    );
    this._next = iconButton(nextIcon, _trans.__('Next picture'), () =>
      this._pageRequested.emit(this._page + 1)
    );
    this._pager.append(this._previous, this._pageLabel, this._next);

    this._percent = element('button', 'jp-Diagram-button jp-Diagram-percent');
    this._percent.type = 'button';
    this._percent.title = _trans.__('Natural size (100 %)');
    this._percent.addEventListener('click', () => _viewport.actualSize());
    this._fit = iconButton(fitIcon, _trans.__('Fit to window'), () =>
      _viewport.fit()
    );
    const zoom = element(
      'div',
      'jp-Diagram-group',
      iconButton(zoomOutIcon, _trans.__('Zoom out'), () => _viewport.zoomOut()),
      this._percent,
      iconButton(zoomInIcon, _trans.__('Zoom in'), () => _viewport.zoomIn()),
      this._fit
    );
    zoom.setAttribute('role', 'group');
    zoom.setAttribute('aria-label', _trans.__('Zoom'));
    this.node.append(this._pager, zoom);
    _viewport.changed.connect(this._update, this);
    this._update();
  }

  readonly node: HTMLElement;

  /** Somebody wants to see a page (0-based). */
  get pageRequested(): ISignal<this, number> {
    return this._pageRequested;
  }

  dispose(): void {
    this._viewport.changed.disconnect(this._update, this);
    Signal.clearData(this);
  }

  setPages(page: number, pages: number): void {
    this._page = page;
    this._pager.hidden = pages < 2;
    this._pageLabel.textContent = this._trans.__('%1 / %2', page + 1, pages);
    this._previous.disabled = page === 0;
    this._next.disabled = page >= pages - 1;
  }

  private _update(): void {
    const percent = Math.round(this._viewport.scale * 100);
    const text = this._trans.__('%1 %', percent).replace('%1', String(percent));
    if (this._percent.textContent !== text) {
      this._percent.textContent = text;
      this._percent.setAttribute(
        'aria-label',
        this._trans.__('Zoom: %1 percent. Press for natural size.', percent)
      );
    }
    this._fit.setAttribute('aria-pressed', String(this._viewport.isFitted));
    this._fit.classList.toggle('jp-mod-toggled', this._viewport.isFitted);
  }

  private _fit: HTMLButtonElement;
  private _next: HTMLButtonElement;
  private _page = 0;
  private _pageLabel: HTMLElement;
  private _pageRequested = new Signal<this, number>(this);
  private _pager: HTMLElement;
  private _percent: HTMLButtonElement;
  private _previous: HTMLButtonElement;
}

/** A button that shows an icon and tells its purpose to everybody. */
function iconButton(
  icon: LabIcon,
  label: string,
  onClick: () => void
): HTMLButtonElement {
  const button = element('button', 'jp-Diagram-button');
  button.type = 'button';
  button.title = label;
  button.setAttribute('aria-label', label);
  icon.element({ container: button, tag: 'span' });
  // The icon's maker takes the class list for itself.
  button.className = 'jp-Diagram-button';
  button.addEventListener('click', onClick);
  return button;
}

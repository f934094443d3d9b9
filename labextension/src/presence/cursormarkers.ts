/**
 * How a remote caret, its name flag and a remote selection look: positioned
 * boxes in a CodeMirror layer.
 */
import type { LayerMarker, RectangleMarker } from '@codemirror/view';
import { readableOn } from '../ui/identity';
import type { IRemoteCursor } from './cursorstate';

/** A flag needs this much room above its line, in pixels. */
const FLAG_HEIGHT = 16;
/** A flag that begins nearer to the edge than this points the other way. */
const FLAG_WIDTH = 120;

/** One rectangle of a selection. */
export class SelectionMarker implements LayerMarker {
  constructor(
    private readonly _box: RectangleMarker,
    private readonly _color: string
  ) {}

  eq(other: LayerMarker): boolean {
    return (
      other instanceof SelectionMarker &&
      other._color === this._color &&
      other._box.eq(this._box)
    );
  }

  draw(): HTMLElement {
    const element = this._box.draw();
    element.style.backgroundColor = this._color;
    return element;
  }
}

/** A caret with its name flag. */
export class CaretMarker implements LayerMarker {
  constructor(
    private readonly _box: RectangleMarker,
    private readonly _cursor: IRemoteCursor,
    private readonly _name: string,
    private readonly _surface: { width: number; rtl: boolean }
  ) {}

  eq(other: LayerMarker): boolean {
    return (
      other instanceof CaretMarker &&
      other._cursor.client === this._cursor.client &&
      other._cursor.moved === this._cursor.moved &&
      other._cursor.user.color === this._cursor.user.color &&
      other._name === this._name &&
      other._surface.width === this._surface.width &&
      other._box.eq(this._box)
    );
  }

  draw(): HTMLElement {
    const { color } = this._cursor.user;
    const caret = document.createElement('div');
    caret.style.setProperty('--ptg-person', color);
    caret.style.setProperty('--ptg-person-text', readableOn(color));
    caret.dataset.client = String(this._cursor.client);
    const flag = document.createElement('div');
    flag.className = 'ptg-RemoteCaret-flag';
    flag.textContent = this._name;
    flag.dir = 'auto';
    caret.appendChild(flag);
    this._place(caret);
    return caret;
  }

  /** Move without drawing anew: a name that fades goes on fading. */
  update(caret: HTMLElement, previous: LayerMarker): boolean {
    if (
      !(previous instanceof CaretMarker) ||
      previous._cursor.client !== this._cursor.client ||
      previous._cursor.moved !== this._cursor.moved ||
      previous._cursor.user.color !== this._cursor.user.color ||
      previous._name !== this._name
    ) {
      return false;
    }
    this._place(caret);
    return true;
  }

  private _place(caret: HTMLElement): void {
    const { left, top, height } = this._box;
    caret.className = 'ptg-RemoteCaret';
    caret.classList.toggle('ptg-mod-below', top < FLAG_HEIGHT);
    caret.classList.toggle(
      'ptg-mod-back',
      this._surface.rtl
        ? left > FLAG_WIDTH
        : left > this._surface.width - FLAG_WIDTH
    );
    caret.style.left = `${left}px`;
    caret.style.top = `${top}px`;
    caret.style.height = `${height}px`;
  }
}

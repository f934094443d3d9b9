/**
 * A picture that can be zoomed and moved.
 *
 * One transform holds for whatever picture is shown, so a new picture appears
 * where the old one was. In "fit" the transform follows the window and the
 * picture; any zoom or move by hand ends that.
 */
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

const MIN_SCALE = 0.05;
const MAX_SCALE = 16;
const STEP = 1.25;
/** Space around a fitted picture, in pixels. */
const PADDING = 24;
/** Part of a picture that always stays in sight, in pixels. */
const KEEP = 48;

/** A point of the viewport, in pixels. */
export interface IPoint {
  x: number;
  y: number;
}

export class Viewport {
  constructor(node: HTMLElement) {
    this.node = node;
    this._canvas = document.createElement('div');
    this._canvas.className = 'jp-Diagram-canvas';
    node.appendChild(this._canvas);
  }

  readonly node: HTMLElement;

  get scale(): number {
    return this._scale;
  }

  get isFitted(): boolean {
    return this._fitted;
  }

  get picture(): SVGSVGElement | null {
    return this._picture;
  }

  /** The scale or the fitting changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  dispose(): void {
    Signal.clearData(this);
  }

  setPicture(picture: SVGSVGElement | null): void {
    // Read before the page changes, or it is laid out for the answer.
    this._measure();
    this._picture = picture;
    this._width = Number(picture?.getAttribute('width')) || 0;
    this._height = Number(picture?.getAttribute('height')) || 0;
    this._canvas.replaceChildren(...(picture ? [picture] : []));
    this._place();
  }

  /** After the window changed its size. */
  refresh(): void {
    this._measure();
    this._place();
  }

  /** Show the whole picture, never larger than its natural size. */
  fit(): void {
    this._fitted = true;
    const { width, height } = this._window;
    if (this._width && width && height) {
      this._scale = clamp(
        Math.min(
          (width - 2 * PADDING) / this._width,
          (height - 2 * PADDING) / this._height,
          1
        )
      );
      this._center();
    }
    this._apply();
  }

  actualSize(): void {
    this._fitted = false;
    const scale = this._scale;
    if (this._width < this._window.width) {
      this._scale = 1;
      this._center();
      this._apply();
    } else {
      this.zoomAt(1 / scale, this._middle());
    }
  }

  zoomIn(): void {
    this.zoomAt(STEP, this._middle());
  }

  zoomOut(): void {
    this.zoomAt(1 / STEP, this._middle());
  }

  /** Move the picture by pixels. */
  moveBy(x: number, y: number): void {
    this._fitted = false;
    this._x += x;
    this._y += y;
    this._apply();
  }

  /** Zoom by a factor; the given point stays where it is. */
  zoomAt(factor: number, at: IPoint): void {
    this._fitted = false;
    const scale = clamp(this._scale * factor);
    const ratio = scale / this._scale;
    this._x = at.x - (at.x - this._x) * ratio;
    this._y = at.y - (at.y - this._y) * ratio;
    this._scale = scale;
    this._apply();
  }

  private _measure(): void {
    this._window = {
      width: this.node.clientWidth,
      height: this.node.clientHeight
    };
  }

  private _place(): void {
    if (this._fitted) {
      this.fit();
    } else {
      this._apply();
    }
  }

  private _center(): void {
    this._x = (this._window.width - this._width * this._scale) / 2;
    this._y = (this._window.height - this._height * this._scale) / 2;
  }

  private _middle(): IPoint {
    return { x: this._window.width / 2, y: this._window.height / 2 };
  }

  private _apply(): void {
    const width = this._width * this._scale;
    const height = this._height * this._scale;
    const window = this._window;
    if (window.width && window.height && this._width) {
      const keepX = Math.min(KEEP, width);
      const keepY = Math.min(KEEP, height);
      this._x = Math.max(
        keepX - width,
        Math.min(window.width - keepX, this._x)
      );
      this._y = Math.max(
        keepY - height,
        Math.min(window.height - keepY, this._y)
      );
    }
    this._canvas.style.transform = `translate(${this._x}px, ${this._y}px) scale(${this._scale})`;
    this._changed.emit();
  }

  private _canvas: HTMLDivElement;
  private _changed = new Signal<this, void>(this);
  private _fitted = true;
  private _height = 0;
  private _picture: SVGSVGElement | null = null;
  private _scale = 1;
  private _width = 0;
  private _window = { width: 0, height: 0 };
  private _x = 0;
  private _y = 0;
}

function clamp(scale: number): number {
  return Math.max(MIN_SCALE, Math.min(MAX_SCALE, scale));
}

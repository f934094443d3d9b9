/**
 * Wheel, drag, pinch and keys, translated into moves of a viewport.
 *
 * A press that does not travel is a click on the picture; one that does moves
 * it, and takes the pointer only then, so that clicks keep their target.
 */
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import type { IPoint, Viewport } from './viewport';

/** Pointer travel that makes a click a drag, in pixels. */
const DRAG_THRESHOLD = 4;
const ARROW_STEP = 48;

const EVENTS = [
  'pointerdown',
  'pointermove',
  'pointerup',
  'pointercancel',
  'dblclick',
  'keydown'
];

const KEYS: Record<string, (viewport: Viewport) => void> = {
  '+': viewport => viewport.zoomIn(),
  '=': viewport => viewport.zoomIn(),
  '-': viewport => viewport.zoomOut(),
  '0': viewport => viewport.fit(),
  '1': viewport => viewport.actualSize(),
  ArrowLeft: viewport => viewport.moveBy(ARROW_STEP, 0),
  ArrowRight: viewport => viewport.moveBy(-ARROW_STEP, 0),
  ArrowUp: viewport => viewport.moveBy(0, ARROW_STEP),
  ArrowDown: viewport => viewport.moveBy(0, -ARROW_STEP)
};

export class Gestures {
  constructor(private _viewport: Viewport) {
    const { node } = _viewport;
    node.addEventListener('wheel', this, { passive: false });
    for (const type of EVENTS) {
      node.addEventListener(type, this);
    }
  }

  /** What the wheel does without Ctrl; `leave`: it scrolls the page. */
  wheel: 'pan' | 'zoom' | 'leave' = 'pan';

  /** An element of the picture was clicked. */
  get clicked(): ISignal<this, Element> {
    return this._clicked;
  }

  dispose(): void {
    const { node } = this._viewport;
    node.removeEventListener('wheel', this);
    for (const type of EVENTS) {
      node.removeEventListener(type, this);
    }
    Signal.clearData(this);
  }

  handleEvent(event: Event): void {
    switch (event.type) {
      case 'wheel':
        this._onWheel(event as WheelEvent);
        break;
      case 'pointerdown':
        this._onPointerDown(event as PointerEvent);
        break;
      case 'pointermove':
        this._onPointerMove(event as PointerEvent);
        break;
      case 'pointerup':
      case 'pointercancel':
        this._onPointerUp(event as PointerEvent);
        break;
      case 'dblclick':
        this._onDoubleClick(event as MouseEvent);
        break;
      case 'keydown':
        this._onKeyDown(event as KeyboardEvent);
        break;
    }
  }

  private _onWheel(event: WheelEvent): void {
    if (!this._viewport.picture) {
      return;
    }
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    const isHeld = event.ctrlKey || event.metaKey;
    if (this.wheel === 'leave' && !isHeld) {
      return;
    }
    event.preventDefault();
    const zoom = isHeld || (this.wheel === 'zoom' && !event.shiftKey);
    if (zoom) {
      // A notch of a mouse is 100 and more, a pinch sends small steps.
      const delta = Math.max(-25, Math.min(25, event.deltaY * unit));
      this._viewport.zoomAt(Math.exp(-delta * 0.009), this._local(event));
    } else if (event.shiftKey && !event.deltaX) {
      this._viewport.moveBy(-event.deltaY * unit, 0);
    } else {
      this._viewport.moveBy(-event.deltaX * unit, -event.deltaY * unit);
    }
  }

  private _onPointerDown(event: PointerEvent): void {
    if (!this._viewport.picture || event.button > 1) {
      return;
    }
    this._pointers.set(event.pointerId, this._local(event));
    this._pressed =
      this._pointers.size === 1 && event.button === 0
        ? (event.target as Element)
        : null;
    this._travel = 0;
  }

  private _onPointerMove(event: PointerEvent): void {
    const before = this._pointers.get(event.pointerId);
    if (!before) {
      return;
    }
    if (!event.buttons) {
      // Released where this node did not hear of it.
      this._onPointerUp(event);
      return;
    }
    const now = this._local(event);
    if (this._pointers.size === 2) {
      this._pinch(event.pointerId, before, now);
    } else {
      this._travel += Math.hypot(now.x - before.x, now.y - before.y);
      if (this._travel < DRAG_THRESHOLD) {
        return;
      }
      if (!this._viewport.node.hasPointerCapture(event.pointerId)) {
        this._viewport.node.setPointerCapture(event.pointerId);
      }
      this._pressed = null;
      this._viewport.node.classList.add('jp-mod-dragging');
      this._viewport.moveBy(now.x - before.x, now.y - before.y);
    }
    this._pointers.set(event.pointerId, now);
  }

  private _pinch(id: number, before: IPoint, now: IPoint): void {
    this._pressed = null;
    for (const [otherId, other] of this._pointers) {
      if (otherId !== id) {
        const old = Math.hypot(before.x - other.x, before.y - other.y);
        const fresh = Math.hypot(now.x - other.x, now.y - other.y);
        if (old > 0 && fresh > 0) {
          this._viewport.zoomAt(fresh / old, {
            x: (now.x + other.x) / 2,
            y: (now.y + other.y) / 2
          });
        }
        this._viewport.moveBy((now.x - before.x) / 2, (now.y - before.y) / 2);
      }
    }
  }

  private _onPointerUp(event: PointerEvent): void {
    this._pointers.delete(event.pointerId);
    this._viewport.node.classList.remove('jp-mod-dragging');
    const target = this._pressed;
    this._pressed = null;
    if (
      event.type === 'pointerup' &&
      target &&
      this._viewport.picture?.contains(target)
    ) {
      this._clicked.emit(target);
    }
  }

  private _onDoubleClick(event: MouseEvent): void {
    if (this._viewport.picture?.contains(event.target as Node)) {
      return;
    }
    this._viewport.fit();
  }

  private _onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const action = KEYS[event.key];
    if (action) {
      event.preventDefault();
      event.stopPropagation();
      action(this._viewport);
    }
  }

  private _local(event: MouseEvent): IPoint {
    const box = this._viewport.node.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  private _clicked = new Signal<this, Element>(this);
  private _pointers = new Map<number, IPoint>();
  private _pressed: Element | null = null;
  private _travel = 0;
}

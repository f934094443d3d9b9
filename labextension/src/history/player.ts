/** A slider along a document's past, and a button that plays it. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { button } from '../ui/controls';
import { element } from '../ui/dom';
import { nearestStop } from './entries';

/** How long one stop is shown, in milliseconds. */
const FRAME = 450;

export class Player {
  constructor(
    private readonly _trans: TranslationBundle,
    /** Called with the row to go to. */
    private readonly _onGoto: (seq: number) => void
  ) {
    this._play = button(_trans.__('Play'), () => this._toggle());
    this._slider.type = 'range';
    this._slider.min = '0';
    this._slider.setAttribute('aria-label', _trans.__('Point in time'));
    this._slider.addEventListener('input', () => {
      this.stop();
      this._goto(Number(this._slider.value));
    });
    this.node.append(this._play, this._slider);
  }

  readonly node = element('div', 'ptg-History-bar');

  /** The rows at which it stops, the oldest first. */
  setStops(stops: number[]): void {
    this._stops = stops;
    this._slider.max = String(Math.max(0, stops.length - 1));
    this._slider.disabled = this._play.disabled = stops.length < 2;
  }

  /** Show where one is. */
  place(seq: number): void {
    this._slider.value = String(nearestStop(this._stops, seq));
  }

  stop(): void {
    clearInterval(this._playing);
    this._playing = undefined;
    this._play.textContent = this._trans.__('Play');
  }

  private _goto(index: number): void {
    const seq = this._stops[index];
    if (seq !== undefined) {
      this._onGoto(seq);
    }
  }

  private _toggle(): void {
    if (this._playing !== undefined) {
      this.stop();
      return;
    }
    const last = this._stops.length - 1;
    let index = Number(this._slider.value);
    index = index >= last ? -1 : index;
    this._play.textContent = this._trans.__('Pause');
    this._playing = setInterval(() => {
      this._goto(++index);
      if (index >= this._stops.length - 1) {
        this.stop();
      }
    }, FRAME);
  }

  private readonly _slider = element('input', 'ptg-History-slider');
  private readonly _play: HTMLButtonElement;
  private _stops: number[] = [];
  private _playing: ReturnType<typeof setInterval> | undefined;
}

/**
 * Text widths for the engine, from an OffscreenCanvas: the same numbers as
 * the page's own text, so that boxes fit their labels.
 */

export interface ITextSize {
  width: number;
  ascent: number;
  descent: number;
}

/** Widths that are remembered; labels repeat from drawing to drawing. */
const CACHE_SIZE = 20_000;

export class TextMeasure {
  constructor() {
    const context = new OffscreenCanvas(1, 1).getContext('2d');
    if (!context) {
      throw new Error('This browser cannot measure text in a worker');
    }
    this._context = context;
  }

  measure(text: string, font: string): ITextSize {
    const key = `${font}\u0000${text}`;
    const known = this._sizes.get(key);
    if (known) {
      return known;
    }
    if (this._font !== font) {
      this._context.font = font;
      this._font = font;
    }
    const { width } = this._context.measureText(text);
    let height = this._heights.get(font);
    if (!height) {
      const sample = this._context.measureText('Mg');
      height = {
        ascent: sample.fontBoundingBoxAscent,
        descent: sample.fontBoundingBoxDescent
      };
      this._heights.set(font, height);
    }
    if (this._sizes.size >= CACHE_SIZE) {
      this._sizes.clear();
    }
    const size = { width, ...height };
    this._sizes.set(key, size);
    return size;
  }

  private _context: OffscreenCanvasRenderingContext2D;
  private _font = '';
  private _heights = new Map<string, { ascent: number; descent: number }>();
  private _sizes = new Map<string, ITextSize>();
}

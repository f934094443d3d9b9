/**
 * The little of a DOM that the engine uses, without a page.
 *
 * The engine builds its picture with `createElementNS` and serialises it
 * once. These elements hold attributes and children in plain arrays, which is
 * also faster than a real DOM. Text is measured by the given function.
 */
import type { ITextSize } from './measure';
import { pngDataUrl } from './png';

type Measure = (text: string, font: string) => ITextSize;

/** A node that is already text: an SVG sprite, a processing instruction. */
interface ITextNode {
  markup: string;
  tagName?: string;
  parent?: FakeElement | null;
}

type FakeNode = FakeElement | ITextNode;

function isElement(node: FakeNode): node is FakeElement {
  return node instanceof FakeElement;
}

function escape(text: string, attribute: boolean): string {
  const escaped = text
    // XML forbids these characters.
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;');
  return attribute ? escaped.replace(/"/g, '&quot;') : escaped;
}

export class FakeElement {
  constructor(
    readonly tagName: string,
    private _document: FakeDocument
  ) {}

  readonly style: Record<string, string> = {};
  parent: FakeElement | null = null;
  width = 0;
  height = 0;

  setAttribute(name: string, value: unknown): void {
    this._attributes.set(name, String(value));
  }

  setAttributeNS(_namespace: string, name: string, value: unknown): void {
    this.setAttribute(name, value);
  }

  getAttribute(name: string): string | null {
    return this._attributes.get(name) ?? null;
  }

  removeAttribute(name: string): void {
    this._attributes.delete(name);
  }

  appendChild<T extends FakeNode>(node: T): T {
    node.parent?.removeChild(node);
    node.parent = this;
    this._children.push(node);
    return node;
  }

  removeChild<T extends FakeNode>(node: T): T {
    const index = this._children.lastIndexOf(node);
    if (index >= 0) {
      this._children.splice(index, 1);
    }
    node.parent = null;
    return node;
  }

  get firstChild(): FakeNode | null {
    return this._children[0] ?? null;
  }

  get lastChild(): FakeNode | null {
    return this._children[this._children.length - 1] ?? null;
  }

  get ownerDocument(): FakeDocument {
    return this._document;
  }

  get textContent(): string {
    return (
      this._text ??
      this._children
        .map(child => (isElement(child) ? child.textContent : ''))
        .join('')
    );
  }

  set textContent(value: string | null) {
    this._children = [];
    this._text = value === null ? '' : String(value);
  }

  /** Of the box the engine uses the height only. */
  getBBox(): { x: number; y: number; width: number; height: number } {
    const size = this._document.measure(
      this._text ?? '',
      `${this.getAttribute('font-size') ?? '14'}px ${this.getAttribute('font-family') ?? 'sans-serif'}`
    );
    return {
      x: 0,
      y: -size.ascent,
      width: size.width,
      height: size.ascent + size.descent
    };
  }

  getContext(): FakeContext {
    return (this._context ??= new FakeContext(this._document));
  }

  toDataURL(): string {
    const pixels = this._context?.pixels;
    return pixels ? pngDataUrl(this.width, this.height, pixels) : '';
  }

  serialize(): string {
    let head = `<${this.tagName}`;
    if (this.tagName === 'svg' && !this._attributes.has('xmlns:xlink')) {
      head += ' xmlns:xlink="http://www.w3.org/1999/xlink"';
    }
    for (const [name, value] of this._attributes) {
      head += serializeAttribute(name, value);
    }
    const inner = this._children.length
      ? this._children
          .map(child => (isElement(child) ? child.serialize() : child.markup))
          .join('')
      : escape(this._text ?? '', false);
    return inner ? `${head}>${inner}</${this.tagName}>` : `${head}/>`;
  }

  private _attributes = new Map<string, string>();
  private _children: FakeNode[] = [];
  private _context: FakeContext | null = null;
  private _text: string | null = null;
}

/**
 * `#RRGGBBAA` is written as colour and opacity: several programs that read
 * exported files do not know it and draw black.
 */
function serializeAttribute(name: string, value: string): string {
  if ((name === 'fill' || name === 'stroke') && /^#[0-9a-f]{8}$/i.test(value)) {
    const alpha = parseInt(value.slice(7), 16);
    return alpha === 0
      ? ` ${name}="none"`
      : ` ${name}-opacity="${(alpha / 255).toFixed(3)}" ${name}="${value.slice(0, 7)}"`;
  }
  return ` ${name}="${escape(value, true)}"`;
}

class FakeContext {
  constructor(private _document: FakeDocument) {}

  font = '10px sans-serif';
  pixels: Uint8ClampedArray | null = null;

  measureText(text: string): Record<string, number> {
    const { width, ascent, descent } = this._document.measure(text, this.font);
    return {
      width,
      actualBoundingBoxAscent: ascent,
      actualBoundingBoxDescent: descent,
      fontBoundingBoxAscent: ascent,
      fontBoundingBoxDescent: descent
    };
  }

  createImageData(
    width: number,
    height: number
  ): { width: number; height: number; data: Uint8ClampedArray } {
    return { width, height, data: new Uint8ClampedArray(width * height * 4) };
  }

  putImageData(image: { data: Uint8ClampedArray }): void {
    this.pixels = image.data;
  }
}

export class FakeDocument {
  constructor(readonly measure: Measure) {
    this.body = this.createElement('body');
    this.head = this.createElement('head');
  }

  readonly body: FakeElement;
  readonly head: FakeElement;

  createElement(tag: string): FakeElement {
    return new FakeElement(tag, this);
  }

  createElementNS(_namespace: string, tag: string): FakeElement {
    return this.createElement(tag);
  }

  /** The engine's own instruction holds the encoded source: left out. */
  createProcessingInstruction(): ITextNode {
    return { markup: '' };
  }

  getElementById(): null {
    return null;
  }

  importNode<T>(node: T): T {
    return node;
  }
}

export class FakeSerializer {
  serializeToString(element: FakeElement): string {
    return element.serialize();
  }
}

/** The engine asks for the root's name, then imports it: text is enough. */
export class FakeParser {
  parseFromString(markup: string): { documentElement: ITextNode } {
    const text = String(markup).replace(/^\s*<\?xml[^>]*\?>/, '');
    const tag = /^\s*<([\w:-]+)/.exec(text);
    return { documentElement: { markup: text, tagName: tag ? tag[1] : '' } };
  }
}

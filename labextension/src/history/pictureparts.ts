/**
 * The parts of a picture in drawing order, in words that are the same for
 * equal parts of two pictures: labels, each with its arrow or box, and arrows
 * without a label.
 *
 * An arrow of a sequence picture is a run of shapes at one height; its words
 * are the lifelines between which it runs, its direction and its dashes, for
 * its place changes with everything above it. Elsewhere arrows are drawn
 * after all boxes, and one without a label cannot be told from another.
 */

/** What is left out: the engine said where it comes from. */
const MARKED = '[data-source-line]';

/** What belongs to a label besides an arrow: shapes of one kind before it. */
const FIGURES = ['path', 'rect'];

/** An end farther from a lifeline than this is at the picture's edge. */
const REACH = 14;

export interface IPart {
  words: string;
  nodes: Element[];
}

export function partsOf(svg: SVGElement): IPart[] {
  const lifelines = lifelinesOf(svg);
  const parts: IPart[] = [];
  let arrow: Arrow | null = null;
  const end = (label?: Element): Arrow | null => {
    const last = arrow;
    arrow = null;
    if (last && label?.previousElementSibling === last.end) {
      return last;
    }
    if (last?.hasHead && lifelines.size) {
      parts.push({ words: last.words(lifelines), nodes: last.nodes });
    }
    return null;
  };
  for (const node of svg.querySelectorAll('text, line, polygon, polyline')) {
    if (node.closest(MARKED) || isLifeline(node)) {
      continue;
    }
    if (node.tagName !== 'text') {
      if (!arrow?.takes(node)) {
        end();
        arrow = new Arrow(node);
      }
      continue;
    }
    const own = end(node);
    const label = node.textContent ?? '';
    parts.push({
      words: own ? `${label}\n${own.words(lifelines)}` : label,
      nodes: [node, ...(own?.nodes ?? figureOf(node))]
    });
  }
  end();
  return parts;
}

/** Names and places of the lifelines of a sequence picture. */
function lifelinesOf(svg: SVGElement): Map<string, number> {
  const found = new Map<string, number>();
  for (const line of svg.querySelectorAll('line')) {
    if (isLifeline(line)) {
      const name = line.parentElement?.querySelector('title')?.textContent;
      found.set(name ?? '', Number(line.getAttribute('x1')));
    }
  }
  return found;
}

function isLifeline(node: Element): boolean {
  return (
    node.tagName === 'line' &&
    node.parentElement?.firstElementChild?.tagName === 'title'
  );
}

/** A box stands in front of its own label only, a note has several paths. */
function figureOf(label: Element): Element[] {
  const found: Element[] = [];
  let shape = label.previousElementSibling;
  const kind = FIGURES.find(name => name === shape?.tagName);
  while (shape && shape.tagName === kind) {
    found.push(shape);
    shape = kind === 'rect' ? null : shape.previousElementSibling;
  }
  return found;
}

/** A run of lines and heads at one height. */
class Arrow {
  constructor(first: Element) {
    this.nodes = [first];
    this._end = first;
    this._box = boxOf(first);
  }

  readonly nodes: Element[];

  get end(): Element {
    return this._end;
  }

  get hasHead(): boolean {
    return this.nodes.length > 1;
  }

  /** Whether the next shape is of it, too. */
  takes(node: Element): boolean {
    const box = boxOf(node);
    if (
      node.previousElementSibling !== this.end ||
      box.top > this._box.bottom ||
      box.bottom < this._box.top
    ) {
      return false;
    }
    this.nodes.push(node);
    this._end = node;
    this._box = {
      left: Math.min(this._box.left, box.left),
      right: Math.max(this._box.right, box.right),
      top: Math.min(this._box.top, box.top),
      bottom: Math.max(this._box.bottom, box.bottom)
    };
    return true;
  }

  words(lifelines: Map<string, number>): string {
    if (!lifelines.size) {
      return '';
    }
    const { left, right } = this._box;
    const boxes = this.nodes.map(boxOf);
    // To oneself: out, down and back.
    const isLoop = this.nodes.some(node => {
      const { left, right, top, bottom } = boxOf(node);
      return node.tagName === 'line' && left === right && top < bottom;
    });
    const heads = boxes
      .filter(({ top, bottom }) => top < bottom)
      .map(box => (box.left + box.right < left + right ? '<' : '>'));
    const dashes = this.nodes
      .map(node => node.getAttribute('stroke-dasharray') ?? '')
      .join('');
    const from = nearest(lifelines, left);
    return isLoop
      ? ['loop', from, dashes].join('\n')
      : [from, nearest(lifelines, right), [...heads].sort(), dashes].join('\n');
  }

  private _end: Element;
  private _box: IBox;
}

function nearest(lifelines: Map<string, number>, x: number): string {
  let best = '';
  let distance = REACH;
  for (const [name, place] of lifelines) {
    if (Math.abs(place - x) < distance) {
      best = name;
      distance = Math.abs(place - x);
    }
  }
  return best;
}

interface IBox {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

function boxOf(node: Element): IBox {
  const number = (name: string) => Number(node.getAttribute(name) ?? 0);
  const points = (node.getAttribute('points') ?? '')
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(Number);
  const xs = points.filter((_, i) => i % 2 === 0);
  const ys = points.filter((_, i) => i % 2 === 1);
  if (node.tagName === 'line') {
    xs.push(number('x1'), number('x2'));
    ys.push(number('y1'), number('y2'));
  }
  return {
    left: Math.min(...xs),
    right: Math.max(...xs),
    top: Math.min(...ys),
    bottom: Math.max(...ys)
  };
}

/**
 * Lets foreign SVG into this page through a strict allow-list: everything that
 * PlantUML draws, nothing that runs, loads or styles beyond itself. The list
 * is the server's, too (`shared/svg`).
 *
 * The text becomes a document of its own, in which nothing runs or loads; what
 * is not on the list is taken out there, and only then the rest moves over. To
 * take out is several times faster than to copy: a diagram of 1,000 lines has
 * 5,000 elements, and the page waits meanwhile.
 *
 * Names are prefixed per picture, or the gradients and markers of two
 * diagrams on one page would shadow each other.
 */
import { blocks } from '../shared/blocks';
import { svg as table } from '../shared/svg';

const SVG = 'http://www.w3.org/2000/svg';

const { patterns } = table;
const ELEMENTS: ReadonlySet<string> = new Set(table.elements);
/** What the value of an attribute must look like. */
const SHAPES = new Map<string, RegExp>(
  Object.entries(table.attributes).flatMap(([shape, names]) =>
    names.map(name => [name, patterns[shape as keyof typeof patterns]] as const)
  )
);
/** The same within an inline style. */
const STYLES = new Map<string, RegExp>([
  ...[...SHAPES].filter(
    ([name]) => !(table.notInStyle as readonly string[]).includes(name)
  ),
  ...table.onlyInStyle.map(name => [name, patterns.words] as const)
]);

export interface ICleanOptions {
  /** Put before every id of the picture. */
  prefix: string;
  /** Space around the drawing, in its own units. */
  margin?: number;
  document?: Document;
}

/**
 * The inert picture.
 *
 * Throws when the text is not an SVG.
 */
export function cleanSvg(text: string, options: ICleanOptions): SVGSVGElement {
  const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
  const root = parsed.documentElement as Element as SVGSVGElement;
  if (
    root.localName !== 'svg' ||
    root.namespaceURI !== SVG ||
    parsed.querySelector('parsererror')
  ) {
    throw new Error('Not an SVG');
  }
  // The paper behind the picture is the page's.
  root.removeAttribute('style');
  scrubAttributes(root, options.prefix);
  scrubChildren(root, options.prefix);
  // Labels keep their runs of blanks.
  root.style.whiteSpace = 'pre';
  size(root, options.margin ?? 0);
  return (options.document ?? document).adoptNode(root);
}

function scrubChildren(parent: Element, prefix: string): void {
  let next: ChildNode | null;
  for (let child = parent.firstChild; child; child = next) {
    next = child.nextSibling;
    if (child.nodeType === Node.TEXT_NODE) {
      continue;
    }
    const element = child as Element;
    if (
      child.nodeType === Node.ELEMENT_NODE &&
      element.namespaceURI === SVG &&
      ELEMENTS.has(element.localName)
    ) {
      scrubAttributes(element, prefix);
      scrubChildren(element, prefix);
    } else {
      child.remove();
    }
  }
}

function scrubAttributes(element: Element, prefix: string): void {
  for (const name of element.getAttributeNames()) {
    if (name === 'xmlns') {
      continue;
    }
    const value = element.getAttribute(name) ?? '';
    const kept = keptValue(element, name, value, prefix);
    if (kept === null) {
      element.removeAttribute(name);
    } else if (name === 'xlink:href') {
      element.removeAttribute(name);
      element.setAttribute('href', kept);
    } else if (kept !== value) {
      element.setAttribute(name, kept);
    }
  }
}

/** What an attribute may say; `null` where it goes. */
function keptValue(
  element: Element,
  name: string,
  value: string,
  prefix: string
): string | null {
  const shape = SHAPES.get(name);
  if (shape) {
    return !shape.test(value.trim())
      ? null
      : name === 'id'
        ? prefix + value
        : prefixed(value, prefix);
  }
  switch (name) {
    case 'href':
    case 'xlink:href':
      return element.localName === 'image' && patterns.picture.test(value)
        ? value
        : null;
    case 'style':
      return keptStyle(value, prefix) || null;
    default:
      return patterns.dataName.test(name) && patterns.text.test(value)
        ? value
        : null;
  }
}

/** Of an inline style what is an attribute, too. */
function keptStyle(value: string, prefix: string): string {
  const kept = value.split(';').filter(isKnownDeclaration).join(';');
  return prefixed(kept, prefix);
}

function isKnownDeclaration(declaration: string): boolean {
  const colon = declaration.indexOf(':');
  if (colon < 0) {
    return !declaration.trim();
  }
  const shape = STYLES.get(declaration.slice(0, colon).trim());
  return shape?.test(declaration.slice(colon + 1).trim()) ?? false;
}

function prefixed(value: string, prefix: string): string {
  return value.includes('url(#')
    ? value.replace(/url\(#/g, `url(#${prefix}`)
    : value;
}

/** Give the picture a viewBox, its natural size and the margin. */
function size(svg: SVGSVGElement, margin: number): void {
  const box = (svg.getAttribute('viewBox') ?? '').trim().split(/[\s,]+/);
  let [x = NaN, y = NaN, width = NaN, height = NaN] = box.map(Number);
  if (box.length !== 4 || ![x, y, width, height].every(Number.isFinite)) {
    x = 0;
    y = 0;
    width = parseFloat(svg.getAttribute('width') ?? '') || 100;
    height = parseFloat(svg.getAttribute('height') ?? '') || 100;
  }
  x -= margin;
  y -= margin;
  width = Math.max(1, width + 2 * margin);
  height = Math.max(1, height + 2 * margin);
  svg.setAttribute('viewBox', `${x} ${y} ${width} ${height}`);
  svg.setAttribute('width', String(width));
  svg.setAttribute('height', String(height));
  svg.removeAttribute('preserveAspectRatio');
}

/** Types that the engine draws up to the very edge. */
const TIGHT: ReadonlySet<string> = new Set(blocks.tight);

/** The margin that a block's picture needs, by its `@start` line. */
export function marginFor(startLine: string): number {
  const type = blocks.patterns.start.exec(startLine)?.[1];
  return type && TIGHT.has(type.toLowerCase()) ? blocks.margin : 0;
}

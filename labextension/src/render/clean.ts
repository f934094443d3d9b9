/**
 * Lets foreign SVG into this page through a strict allow-list: everything that
 * PlantUML draws, nothing that runs, loads or styles beyond itself.
 *
 * The text becomes a document of its own, in which nothing runs or loads; what
 * is not on the list is taken out there, and only then the rest moves over. To
 * take out is several times faster than to copy: a diagram of 1,000 lines has
 * 5,000 elements, and the page waits meanwhile.
 *
 * Names are prefixed per picture, or the gradients and markers of two
 * diagrams on one page would shadow each other.
 */

const SVG = 'http://www.w3.org/2000/svg';

const PAINT =
  'fill stroke stroke-width stroke-dasharray stroke-linecap stroke-linejoin fill-opacity stroke-opacity opacity transform filter';

function names(list: string): Set<string> {
  return new Set(list.split(' ').concat(PAINT.split(' ')));
}

/** Elements by lower-case name, each with its attributes. */
const ALLOWED: Record<string, Set<string>> = {
  svg: names('version viewBox width height preserveAspectRatio'),
  g: names(
    'class id data-qualified-name data-source-line data-entity-1 data-entity-2 data-link-type data-visibility-modifier data-uid'
  ),
  defs: names(''),
  title: names(''),
  line: names('x1 x2 y1 y2'),
  rect: names('x y width height rx ry'),
  circle: names('cx cy r'),
  ellipse: names('cx cy rx ry'),
  path: names('d id'),
  polygon: names('points'),
  polyline: names('points'),
  text: names(
    'x y text-anchor dominant-baseline font-family font-size font-style font-weight text-decoration textLength lengthAdjust xml:space'
  ),
  tspan: names('x y'),
  image: names('x y width height href xlink:href'),
  lineargradient: names('id x1 x2 y1 y2'),
  radialgradient: names('id cx cy r'),
  stop: names('offset stop-color stop-opacity'),
  filter: names('id x y width height'),
  feflood: names('result flood-color flood-opacity'),
  fecomposite: names('in in2 operator result'),
  fegaussianblur: names('in result stdDeviation'),
  feoffset: names('in in2 result dx dy'),
  feblend: names('in in2 mode'),
  fecolormatrix: names('in result type values')
};

const DANGEROUS = /url\(\s*(?!#)|javascript:|expression\s*\(|@import|\\/i;
const PICTURE = /^data:image\/(?:png|jpeg);base64,[A-Za-z0-9+/=\s]*$/;

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
  scrubAttributes(root, ALLOWED.svg, options.prefix);
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
    const allowed =
      child.nodeType === Node.ELEMENT_NODE && element.namespaceURI === SVG
        ? ALLOWED[element.localName.toLowerCase()]
        : undefined;
    if (allowed) {
      scrubAttributes(element, allowed, prefix);
      scrubChildren(element, prefix);
    } else {
      child.remove();
    }
  }
}

function scrubAttributes(
  element: Element,
  allowed: Set<string>,
  prefix: string
): void {
  const { attributes } = element;
  for (let i = attributes.length - 1; i >= 0; i--) {
    const { name, value } = attributes[i];
    if (!allowed.has(name)) {
      if (name !== 'xmlns') {
        element.removeAttribute(name);
      }
    } else if (name === 'href' || name === 'xlink:href') {
      element.removeAttribute(name);
      if (PICTURE.test(value)) {
        element.setAttribute('href', value);
      }
    } else if (name === 'id') {
      element.setAttribute(name, prefix + value);
    } else if (!name.startsWith('data-')) {
      if (DANGEROUS.test(value)) {
        element.removeAttribute(name);
      } else if (value.includes('url(#')) {
        element.setAttribute(name, value.replace(/url\(#/g, `url(#${prefix}`));
      }
    }
  }
}

/** Give the picture a viewBox, its natural size and the margin. */
function size(svg: SVGSVGElement, margin: number): void {
  const box = (svg.getAttribute('viewBox') ?? '').trim().split(/[\s,]+/);
  let [x, y, width, height] = box.map(Number);
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
const TIGHT = new Set([
  'json',
  'yaml',
  'mindmap',
  'wbs',
  'ebnf',
  'regex',
  'chart',
  'packetdiag',
  'nwdiag',
  'gantt'
]);

/** The margin that a block's picture needs, by its `@start` line. */
export function marginFor(startLine: string): number {
  const type = /^\s*@start([a-z]+)/i.exec(startLine);
  return type && TIGHT.has(type[1].toLowerCase()) ? 8 : 0;
}

/**
 * Copies foreign SVG into this page through a strict allow-list: everything
 * that PlantUML draws, nothing that runs, loads or styles beyond itself.
 *
 * Names are prefixed per picture, or the gradients and markers of two
 * diagrams on one page would shadow each other.
 */

const SVG = 'http://www.w3.org/2000/svg';
const XML = 'http://www.w3.org/XML/1998/namespace';

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
 * The inert copy.
 *
 * Throws when the text is not an SVG.
 */
export function cleanSvg(text: string, options: ICleanOptions): SVGSVGElement {
  const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
  const root = parsed.documentElement;
  if (root.localName !== 'svg' || parsed.querySelector('parsererror')) {
    throw new Error('Not an SVG');
  }
  const copy = copyElement(root, options) as SVGSVGElement;
  size(copy, options.margin ?? 0);
  return copy;
}

function copyElement(
  source: Element,
  options: ICleanOptions
): SVGElement | null {
  const allowed = ALLOWED[source.localName.toLowerCase()];
  if (!allowed) {
    return null;
  }
  const doc = options.document ?? document;
  const element = doc.createElementNS(SVG, source.localName) as SVGElement;
  for (const attribute of source.attributes) {
    if (allowed.has(attribute.name)) {
      copyAttribute(element, attribute, options.prefix);
    }
  }
  for (const child of source.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) {
      element.appendChild(doc.createTextNode(child.nodeValue ?? ''));
    } else if (child.nodeType === Node.ELEMENT_NODE) {
      const copy = copyElement(child as Element, options);
      if (copy) {
        element.appendChild(copy);
      }
    }
  }
  if (element.localName === 'text') {
    // Labels keep their runs of blanks.
    element.style.whiteSpace = 'pre';
  }
  return element;
}

function copyAttribute(element: Element, source: Attr, prefix: string): void {
  let { value } = source;
  if (source.localName === 'href') {
    if (PICTURE.test(value)) {
      element.setAttribute('href', value);
    }
    return;
  }
  if (DANGEROUS.test(value) && !/^data-/.test(source.name)) {
    return;
  }
  if (source.name === 'id') {
    value = prefix + value;
  } else if (!/^data-/.test(source.name)) {
    value = value.replace(/url\(#/g, `url(#${prefix}`);
  }
  if (source.name === 'xml:space') {
    element.setAttributeNS(XML, 'xml:space', value);
  } else {
    element.setAttribute(source.name, value);
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

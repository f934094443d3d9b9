/**
 * The cleaner against DOMPurify: whatever it lets through, DOMPurify lets
 * through unchanged. (It takes less than half of DOMPurify's time for a
 * diagram of 5,000 elements, and refuses more: addresses and styles.)
 */
import DOMPurify from 'dompurify';
import { expect, it } from 'vitest';
import { svg as table } from '../../shared/svg';
import { cleanSvg } from '../clean';

const SVG = 'http://www.w3.org/2000/svg';
const OPEN = `<svg xmlns="${SVG}" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">`;
const PICTURES = 250;

const ELEMENTS = [
  ...table.elements,
  ...'script style a use animate set foreignObject iframe image mask pattern marker feImage switch handler discard SCRIPT RECT'.split(
    ' '
  )
];
const NAMES = [
  ...Object.values(table.attributes).flat(),
  ...'href xlink:href src style onload onclick ONERROR data-source-line data-x xml:base xmlns tabindex target begin attributeName mask marker-end cursor'.split(
    ' '
  )
];
const VALUES = [
  ...'1 0.5 10% -1e3 1,2 red none #fff #12345678 rgb(1,2,3) url(#a) url(//x) url(http://x/#a) javascript:alert(1) expression(1) translate(1,2) M0,0L5,5z preserve Verdana sans-serif bold middle body x'.split(
    ' '
  ),
  'fill:red;stroke-width:2px',
  'fill:url(//x);stroke:red',
  'behavior:url(#x);opacity:.5',
  'white-space: pre',
  'data:image/png;base64,iVBORw0KGgo=',
  'data:image/gif;base64,R0lGODlhAQABAAAAACw=',
  'data:image/svg+xml;base64,PHN2Zy8+',
  'data:text/html,&lt;script&gt;alert(1)&lt;/script&gt;',
  '&quot; onload=&quot;x',
  '\\75rl(//x)',
  '&#x6a;avascript:x',
  '&lt;img src=x onerror=alert(1)&gt;',
  'a b'
];
const TEXTS = ['', 'text', '&lt;script&gt;', '<![CDATA[<b>]]>', '<!-- c -->'];

/** Numbers from 0 to 1, the same ones each time (mulberry32). */
function numbers(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function element(random: () => number, depth: number): string {
  const one = <T>(of: readonly T[]) => of[Math.floor(random() * of.length)]!;
  const name = one(ELEMENTS);
  const said = new Map<string, string>();
  for (let left = random() * 6; left > 0; left--) {
    said.set(one(NAMES), one(VALUES));
  }
  const attributes = [...said].map(([key, value]) => ` ${key}="${value}"`);
  let inside = one(TEXTS);
  for (let left = depth ? random() * 4 : 0; left > 1; left--) {
    inside += element(random, depth - 1);
  }
  return `<${name}${attributes.join('')}>${inside}</${name}>`;
}

it('lets nothing through that DOMPurify would change', () => {
  const random = numbers(20261124);
  let kept = 0;
  for (let i = 0; i < PICTURES; i++) {
    let text = OPEN;
    for (let left = 1 + random() * 5; left > 0; left--) {
      text += element(random, 3);
    }
    const ours = cleanSvg(`${text}</svg>`, { prefix: 'p-' });
    kept += ours.querySelectorAll('*').length;
    const before = ours.outerHTML;
    DOMPurify.sanitize(ours, {
      USE_PROFILES: { svg: true, svgFilters: true },
      IN_PLACE: true,
      SAFE_FOR_XML: false // The picture is not written as HTML.
    });
    expect(ours.outerHTML, text).toBe(before);
  }
  expect(kept).toBeGreaterThan(PICTURES); // else it tells nothing
}, 60_000);

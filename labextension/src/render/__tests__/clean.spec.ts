import { describe, expect, it } from 'vitest';
import { cleanSvg, marginFor } from '../clean';

const OPEN =
  '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="100px" height="50px" viewBox="0 0 100 50">';

function clean(body: string, prefix = 'p-', margin = 0): SVGSVGElement {
  return cleanSvg(`${OPEN}${body}</svg>`, { prefix, margin });
}

describe('cleanSvg', () => {
  it.each([
    '<script>alert(1)</script>',
    '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><img src="x" onerror="alert(1)"/></body></foreignObject>',
    '<a href="javascript:alert(1)"><text>x</text></a>',
    '<style>@import url(https://example.org/x.css);</style>',
    '<use href="https://example.org/x.svg#a"/>',
    '<animate attributeName="href" to="javascript:alert(1)"/>',
    '<iframe src="https://example.org"/>',
    '<script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script>',
    '<g xmlns="http://www.w3.org/1999/xhtml" onclick="alert(1)">x</g>',
    '<!-- a comment --><?target data?>'
  ])('drops %s', body => {
    expect(clean(body).childNodes).toHaveLength(0);
  });

  it('drops handlers, styles and foreign addresses', () => {
    const svg = clean(
      '<rect onclick="alert(1)" style="background:url(https://example.org)" fill="url(https://example.org/#a)" x="1"/>' +
        '<image href="https://example.org/x.png" width="1"/>' +
        '<image xlink:href="data:text/html,x" width="1"/>' +
        '<image href="data:image/svg+xml;base64,AAAA" width="1"/>'
    );
    expect(svg.innerHTML).toMatch(/<rect.*<image.*<image.*<image/);
    expect(svg.innerHTML).not.toMatch(
      /onclick|style=|example|text\/html|svg\+xml/
    );
    expect(svg.querySelector('rect')?.getAttribute('x')).toBe('1');
  });

  it('keeps embedded PNGs, gradients and source marks', () => {
    const svg = clean(
      '<defs><linearGradient id="g1" x1="0"><stop offset="0" stop-color="red"/></linearGradient></defs>' +
        '<g class="entity" id="ent1" data-source-line="3" data-qualified-name="a.B"><rect fill="url(#g1)"/></g>' +
        '<image xlink:href="data:image/png;base64,iVBORw0KGgo=" width="5" height="5"/>'
    );
    expect(svg.querySelector('linearGradient')?.id).toBe('p-g1');
    expect(svg.querySelector('rect')?.getAttribute('fill')).toBe('url(#p-g1)');
    expect(svg.querySelector('g')?.dataset.sourceLine).toBe('3');
    expect(svg.querySelector('g')?.id).toBe('p-ent1');
    expect(svg.querySelector('image')?.getAttribute('href')).toMatch(
      /^data:image\/png/
    );
  });

  it('gives a margin and a natural size', () => {
    const svg = clean('<rect/>', '', 8);
    expect(svg.getAttribute('viewBox')).toBe('-8 -8 116 66');
    expect(svg.getAttribute('width')).toBe('116');
  });

  it('refuses what is not an SVG', () => {
    expect(() => cleanSvg('<html/>', { prefix: '' })).toThrow();
    expect(() => cleanSvg('no xml', { prefix: '' })).toThrow();
    expect(() => cleanSvg('<svg><rect/></svg>', { prefix: '' })).toThrow();
  });

  it('cleans the root itself, and keeps blanks', () => {
    const svg = cleanSvg(
      OPEN.replace('width', 'onload="alert(1)" width') + '</svg>',
      { prefix: '' }
    );
    expect(svg.hasAttribute('onload')).toBe(false);
    expect(svg.style.whiteSpace).toBe('pre');
    expect(svg.ownerDocument).toBe(document);
  });

  it('keeps text as text', () => {
    expect(clean('<text>&lt;b&gt; "x"</text>').textContent).toBe('<b> "x"');
  });
});

describe('marginFor', () => {
  it('is there for the types that touch the edge', () => {
    expect(marginFor('@startjson')).toBe(8);
    expect(marginFor('  @startmindmap ')).toBe(8);
    expect(marginFor('@startuml')).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { locate } from '../locate';

function picture(body: string): SVGSVGElement {
  const holder = document.createElement('div');
  holder.innerHTML = `<svg>${body}</svg>`;
  return holder.querySelector('svg') as SVGSVGElement;
}

describe('locate', () => {
  const lines = [
    '@startuml',
    'class Animal',
    'class Dog',
    'Animal <|-- Dog',
    '@enduml'
  ];

  it('follows the mark when the line names the element', () => {
    const svg = picture(
      '<g class="entity" data-source-line="2" data-qualified-name="zoo.Dog"><rect/></g>'
    );
    expect(locate(svg.querySelector('rect') as Element, lines)).toBe(2);
  });

  it('does not trust a mark that names something else', () => {
    const svg = picture(
      '<g class="entity" data-source-line="1" data-qualified-name="Dog"><rect/><text>Dog</text></g>'
    );
    expect(locate(svg.querySelector('rect') as Element, lines)).toBe(2);
  });

  it('accepts the mark of a link where a link is drawn', () => {
    const svg = picture('<g class="link" data-source-line="3"><path/></g>');
    expect(locate(svg.querySelector('path') as Element, lines)).toBe(3);
  });

  it('gives equal labels to equal lines in order', () => {
    const source = ['@startuml', 'A -> B : ping', 'B -> A : ping', '@enduml'];
    const svg = picture('<text>ping</text><text>ping</text><text>pong</text>');
    const labels = [...svg.querySelectorAll('text')];
    expect(labels.map(label => locate(label, source))).toEqual([1, 2, -1]);
  });

  it('is lost where there is neither mark nor label', () => {
    expect(
      locate(picture('<rect/>').querySelector('rect') as Element, lines)
    ).toBe(-1);
  });
});

import { diff } from '@codemirror/merge';
import { describe, expect, it } from 'vitest';
import { clearMarks, markChanges } from '../changes';
import type { IDrawn } from '../changes';

/** A picture as the engine draws sequences: everything on one level. */
function drawn(source: string, content: string): IDrawn {
  const holder = document.createElement('div');
  holder.innerHTML = `<svg xmlns="http://www.w3.org/2000/svg"><g>${content}</g></svg>`;
  const svg = holder.querySelector('svg') as SVGElement;
  return { svg, source, lines: source.split('\n') };
}

function marked({ svg }: IDrawn): string[] {
  return Array.from(svg.querySelectorAll('.ptg-mod-changed'), node =>
    node.tagName === 'text' ? (node.textContent ?? '') : node.tagName
  );
}

/** The lifelines of a sequence picture. */
const LIFELINES = ['Ada', 'Ben', 'Eve']
  .map((name, i) => {
    const x = 20 + 100 * i;
    return `<g><title>${name}</title><rect/><line x1="${x}" y1="10" x2="${x}" y2="90"/></g>`;
  })
  .join('');

/** An arrow at a height, from one lifeline (by number) to another. */
function arrow(y: number, from: number, to: number, label = ''): string {
  const [a, b] = [20 + 100 * from, 20 + 100 * to];
  const back = a < b ? b - 10 : b + 10;
  const head = `<polygon points="${back},${y - 4} ${b},${y} ${back},${y + 4}"/>`;
  const line = `<line x1="${a}" y1="${y}" x2="${b}" y2="${y}"/>`;
  return head + line + (label && `<text>${label}</text>`);
}

/** The heights of the arrows that are marked. */
function heights({ svg }: IDrawn): (string | null)[] {
  return Array.from(svg.querySelectorAll('line.ptg-mod-changed'), line =>
    line.getAttribute('y1')
  );
}

describe('what changed in a picture', () => {
  it('is a label with its arrow, and not an equal one elsewhere', () => {
    const head = '<rect/><text>Ada</text>';
    const one = arrow(30, 0, 1, 'one');
    const older = drawn('a', `${head}${one}<text>Ada</text>`);
    const newer = drawn(
      'b',
      `${head}${one}${arrow(40, 0, 1, 'two')}<text>Ada</text>`
    );
    markChanges(older, newer, diff);
    expect(marked(older)).toEqual([]);
    expect(marked(newer)).toEqual(['polygon', 'line', 'two']);
  });

  it('is an arrow without a label, and not those that it moved down', () => {
    const older = drawn(
      'a',
      LIFELINES + arrow(30, 0, 1) + arrow(43, 1, 0) + arrow(72, 0, 1, 'end')
    );
    const newer = drawn(
      'b',
      LIFELINES +
        arrow(30, 0, 1) +
        arrow(43, 1, 2) +
        arrow(56, 1, 0) +
        arrow(85, 0, 1, 'end')
    );
    markChanges(older, newer, diff);
    expect(marked(older)).toEqual([]);
    expect(heights(newer)).toEqual(['43']);
  });

  it('is an arrow that turned round or goes elsewhere', () => {
    const older = drawn(
      'a',
      LIFELINES + arrow(30, 0, 1) + arrow(43, 0, 1, 'x') + arrow(56, 0, 1, 'y')
    );
    const newer = drawn(
      'b',
      LIFELINES + arrow(30, 1, 0) + arrow(43, 0, 2, 'x') + arrow(56, 0, 1, 'y')
    );
    markChanges(older, newer, diff);
    expect(heights(older)).toEqual(['30', '43']);
    expect(heights(newer)).toEqual(['30', '43']);
  });

  it('is not an arrow without a label in front of a changed one', () => {
    const older = drawn(
      'a',
      LIFELINES + arrow(30, 0, 1) + arrow(59, 0, 1, 'x')
    );
    const newer = drawn(
      'b',
      LIFELINES + arrow(30, 0, 1) + arrow(59, 0, 1, 'y')
    );
    markChanges(older, newer, diff);
    expect(heights(newer)).toEqual(['59']);
  });

  it('leaves arrows without a label alone where nothing tells them apart', () => {
    const older = drawn('a', `<rect/><text>a</text>${arrow(30, 0, 1)}`);
    const newer = drawn(
      'b',
      `<rect/><text>a</text>${arrow(30, 0, 1)}${arrow(43, 0, 1)}`
    );
    markChanges(older, newer, diff);
    expect(marked(newer)).toEqual([]);
  });

  it('is an element whose line the other text lacks', () => {
    const older = drawn(
      'class A\nclass B',
      '<g data-source-line="0"><text>A</text></g><g data-source-line="1"><text>B</text></g>'
    );
    const newer = drawn(
      'class A',
      '<g data-source-line="0"><text>A</text></g>'
    );
    markChanges(older, newer, diff);
    expect(marked(older)).toEqual(['g']);
    expect(older.svg.querySelector('.ptg-mod-changed')?.textContent).toBe('B');
    expect(marked(newer)).toEqual([]);
  });

  it('is marked anew each time, and can be cleared', () => {
    const older = drawn('a', '<path/><path/><text>note</text>');
    const newer = drawn('b', '<path/><path/><text>another</text>');
    markChanges(older, newer, diff);
    expect(marked(newer)).toEqual(['path', 'path', 'another']);
    markChanges(older, older, diff);
    expect(marked(older)).toEqual([]);
    clearMarks(newer.svg);
    expect(marked(newer)).toEqual([]);
  });
});

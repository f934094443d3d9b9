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

const ARROW = '<polygon/><line/>';

describe('what changed in a picture', () => {
  it('is a label with its arrow, and not an equal one elsewhere', () => {
    const head = '<rect/><text>Ada</text>';
    const older = drawn('a', `${head}${ARROW}<text>one</text><text>Ada</text>`);
    const newer = drawn(
      'b',
      `${head}${ARROW}<text>one</text>${ARROW}<text>two</text><text>Ada</text>`
    );
    markChanges(older, newer, diff);
    expect(marked(older)).toEqual([]);
    expect(marked(newer)).toEqual(['polygon', 'line', 'two']);
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

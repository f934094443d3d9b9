import { diff } from '@codemirror/merge';
import { describe, expect, it } from 'vitest';
import { lineEdits } from '../lineedits';
import type { IEdit } from '../lineedits';

function applied(a: string, b: string, edits: readonly IEdit[]): string {
  return [...edits]
    .reverse()
    .reduce(
      (text, { fromA, toA, fromB, toB }) =>
        text.slice(0, fromA) + b.slice(fromB, toB) + text.slice(toA),
      a
    );
}

describe('edits that make a text another one', () => {
  it('take whole lines, and leave the line break that was there', () => {
    const a = '= A =\n1\n2\n\n= B =\n3\n\nend\n';
    const b = '= A =\n\n= B =\n\nend\n';
    const edits = lineEdits(a, b, diff);
    expect(edits.map(({ fromA, toA }) => a.slice(fromA, toA))).toEqual([
      '1\n2\n',
      '3\n'
    ]);
    expect(applied(a, b, edits)).toBe(b);
  });

  it('change no more of a line than differs', () => {
    const edits = lineEdits('a\ntitle old\nb', 'a\ntitle older\nb', diff);
    expect(edits).toEqual([
      expect.objectContaining({ fromA: 11, toA: 11, fromB: 11, toB: 13 })
    ]);
  });

  it('make any text any other', () => {
    const lines = ['', 'a', 'b', '😀', 'a😁', 'end'];
    const text = (seed: number) =>
      Array.from(
        { length: seed % 9 },
        (_, i) => lines[(seed * (i + 3) + i * i) % lines.length]
      ).join(seed % 2 ? '\n' : '\n\n') + (seed % 3 ? '\n' : '');
    for (let i = 0; i < 60; i++) {
      for (let j = 0; j < 60; j++) {
        const [a, b] = [text(i), text(j)];
        expect(applied(a, b, lineEdits(a, b, diff))).toBe(b);
      }
    }
  });
});

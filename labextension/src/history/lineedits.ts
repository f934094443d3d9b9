/**
 * The edits that make a text another one, by whole lines where lines came or
 * went, and by characters inside of lines that changed.
 *
 * Characters alone would be fewer now and then, and worse: of two line breaks
 * the wrong one would go, and who types below would find himself in the line
 * above.
 */
import type { Change } from '@codemirror/merge';
import type { Diff } from './changes';

export type IEdit = Pick<Change, 'fromA' | 'toA' | 'fromB' | 'toB'>;

/** Letters for lines: no halves of pairs, and enough for any diagram. */
const LETTERS = { first: 0x100, most: 0xd700 };

export function lineEdits(a: string, b: string, diff: Diff): IEdit[] {
  const letters = new Map<string, string>();
  const [linesA, linesB] = [linesOf(a), linesOf(b)];
  const wordOf = (lines: readonly string[]) =>
    lines.map(line => letterOf(line, letters)).join('');
  const [wordA, wordB] = [wordOf(linesA), wordOf(linesB)];
  if (letters.size > LETTERS.most) {
    return [...diff(a, b)];
  }
  const [placesA, placesB] = [placesOf(linesA), placesOf(linesB)];
  return diff(wordA, wordB).flatMap(change => {
    const edit: IEdit = {
      fromA: placesA(change.fromA),
      toA: placesA(change.toA),
      fromB: placesB(change.fromB),
      toB: placesB(change.toB)
    };
    if (edit.fromA === edit.toA || edit.fromB === edit.toB) {
      return [edit];
    }
    return diff(
      a.slice(edit.fromA, edit.toA),
      b.slice(edit.fromB, edit.toB)
    ).map(inner => ({
      fromA: edit.fromA + inner.fromA,
      toA: edit.fromA + inner.toA,
      fromB: edit.fromB + inner.fromB,
      toB: edit.fromB + inner.toB
    }));
  });
}

/** Lines with their breaks. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function letterOf(line: string, letters: Map<string, string>): string {
  let letter = letters.get(line);
  if (letter === undefined) {
    letter = String.fromCharCode(LETTERS.first + letters.size);
    letters.set(line, letter);
  }
  return letter;
}

/** Where each line begins, by its number, and where the last one ends. */
function placesOf(lines: readonly string[]): (line: number) => number {
  let end = 0;
  const places = lines.map(({ length }) => (end += length) - length);
  return line => places[line] ?? end;
}

/**
 * Marks in two pictures what one has and the other lacks.
 *
 * Elements that the engine marked with their line count as changed when the
 * other text lacks the line. The rest (all of a sequence picture) is compared
 * part by part in drawing order (see `pictureparts.ts`).
 */
import type { Change } from '@codemirror/merge';
import { foreignLines } from './entries';
import { partsOf } from './pictureparts';
import type { IPart } from './pictureparts';

/** A picture and the text it was drawn from. */
export interface IDrawn {
  svg: SVGElement;
  source: string;
  /** The lines that the engine counted. */
  lines: readonly string[];
}

/** Where two sequences differ, given as strings. */
export type Diff = (a: string, b: string) => readonly Change[];

const CHANGED = 'ptg-mod-changed';
const MARKED = '[data-source-line]';

/** Mark both pictures anew. */
export function markChanges(older: IDrawn, newer: IDrawn, diff: Diff): void {
  clearMarks(older.svg);
  clearMarks(newer.svg);
  markLines(older, newer.source);
  markLines(newer, older.source);
  const [a, b] = [partsOf(older.svg), partsOf(newer.svg)];
  const letters = new Map<string, string>();
  for (const change of diff(spell(a, letters), spell(b, letters))) {
    a.slice(change.fromA, change.toA).forEach(mark);
    b.slice(change.fromB, change.toB).forEach(mark);
  }
}

export function clearMarks(svg: SVGElement): void {
  for (const node of svg.querySelectorAll(`.${CHANGED}`)) {
    node.classList.remove(CHANGED);
  }
}

function markLines({ svg, lines }: IDrawn, other: string): void {
  const foreign = foreignLines(lines, other);
  for (const group of svg.querySelectorAll(MARKED)) {
    if (foreign.has(Number(group.getAttribute('data-source-line')))) {
      group.classList.add(CHANGED);
    }
  }
}

/** One letter for each part, equal ones for equal parts. */
function spell(parts: readonly IPart[], letters: Map<string, string>): string {
  return parts
    .map(({ words }) => {
      // From the private use area on; no picture has so many parts.
      const next = String.fromCharCode(0xe000 + letters.size);
      const letter = letters.get(words) ?? next;
      letters.set(words, letter);
      return letter;
    })
    .join('');
}

function mark({ nodes }: IPart): void {
  nodes.forEach(node => node.classList.add(CHANGED));
}

/**
 * Marks in two pictures what one has and the other lacks.
 *
 * Elements that the engine marked with their line count as changed when the
 * other text lacks the line. The rest (all of a sequence picture) is compared
 * by its labels in drawing order, and a label's arrow or box goes with it.
 */
import type { Change } from '@codemirror/merge';
import { foreignLines } from './entries';

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

/** Which shapes belong to a label: those drawn just before it, of one kind. */
const FIGURES = [['line', 'polygon', 'polyline'], ['path'], ['rect']];

/** Mark both pictures anew. */
export function markChanges(older: IDrawn, newer: IDrawn, diff: Diff): void {
  clearMarks(older.svg);
  clearMarks(newer.svg);
  markLines(older, newer.source);
  markLines(newer, older.source);
  const [a, b] = [labelsOf(older.svg), labelsOf(newer.svg)];
  const letters = new Map<string, string>();
  for (const change of diff(spell(a, letters), spell(b, letters))) {
    a.slice(change.fromA, change.toA).forEach(markLabel);
    b.slice(change.fromB, change.toB).forEach(markLabel);
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

function labelsOf(svg: SVGElement): SVGTextElement[] {
  return Array.from(svg.querySelectorAll('text')).filter(
    text => !text.closest(MARKED)
  );
}

/** One letter for each label, equal ones for equal labels. */
function spell(
  labels: readonly SVGTextElement[],
  letters: Map<string, string>
): string {
  return labels
    .map(({ textContent }) => {
      const label = textContent ?? '';
      // From the private use area on; no picture has so many labels.
      const next = String.fromCharCode(0xe000 + letters.size);
      const letter = letters.get(label) ?? next;
      letters.set(label, letter);
      return letter;
    })
    .join('');
}

function markLabel(label: Element): void {
  label.classList.add(CHANGED);
  let shape = label.previousElementSibling;
  const kinds = FIGURES.find(names => names.includes(shape?.tagName ?? ''));
  while (shape && kinds?.includes(shape.tagName)) {
    shape.classList.add(CHANGED);
    // A box stands in front of its own label only.
    shape = kinds[0] === 'rect' ? null : shape.previousElementSibling;
  }
}

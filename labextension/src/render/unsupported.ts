/** What the built-in engine does not draw, read from the text alone. */
import { answers } from '../shared/answers';
import { stripped } from './blocks';

const { formula, salt } = answers.patterns;
const MISSING: Readonly<Record<string, string>> = answers.missingTypes;

/** The type's name if the engine lacks it. */
export function missingType(type: string, lines: string[]): string | null {
  if (Object.hasOwn(MISSING, type)) {
    return MISSING[type] ?? null;
  }
  const first = lines.slice(1).find(line => stripped(line));
  return first !== undefined && salt.test(first)
    ? (MISSING.salt ?? null)
    : null;
}

/** 0-based index of the first line with a formula, -1 without one. */
export function formulaLine(lines: string[]): number {
  return lines.findIndex(line => formula.test(line));
}

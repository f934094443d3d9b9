/**
 * What the built-in engine does not draw, and the sentence that says what
 * could.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

/** Diagram types by the word after `@start`, with the name people know. */
const MISSING_TYPES: Record<string, string> = {
  salt: 'Salt (wireframe)',
  ditaa: 'Ditaa',
  dot: 'DOT (Graphviz)',
  chen: 'Chen entity-relationship',
  chronology: 'Chronology',
  files: 'Files',
  git: 'Git',
  board: 'Board',
  wire: 'Wire',
  hcl: 'HCL',
  math: 'Math (AsciiMath)',
  latex: 'LaTeX',
  sudoku: 'Sudoku'
};

const FORMULA = /<(math|latex)>/i;
const SALT = /^\s*salt\b/i;

/** The type's name if the engine lacks it, read from the text alone. */
export function missingType(type: string, lines: string[]): string | null {
  if (Object.hasOwn(MISSING_TYPES, type)) {
    return MISSING_TYPES[type];
  }
  const first = lines.slice(1).find(line => line.trim());
  if (first !== undefined && SALT.test(first)) {
    return MISSING_TYPES.salt;
  }
  return null;
}

/** 0-based index of the first line with a formula, -1 without one. */
export function formulaLine(lines: string[]): number {
  return lines.findIndex(line => FORMULA.test(line));
}

/** "What could draw it" for a type that the engine lacks. */
export function unsupportedMessage(
  name: string,
  trans: TranslationBundle
): string {
  return trans.__(
    'The built-in engine does not draw this type: %1. A PlantUML server or the PlantUML jar can (PlantTogether.render_backend = "server" or "jar").',
    name
  );
}

/** The same for a library of `!include <library/file>`. */
export function missingLibraryMessage(
  library: string,
  trans: TranslationBundle
): string {
  return trans.__(
    'The library <%1> is not part of the built-in engine. A PlantUML server or the PlantUML jar has it (PlantTogether.render_backend = "server" or "jar").',
    library
  );
}

/**
 * Names of rooms and documents. What a name may be is the server's rule; here
 * is only what a person's input needs before the server is asked.
 */
import { names } from '../shared/names';

/** Names are kept and compared in NFC. */
export function normalise(name: string): string {
  return name.normalize('NFC');
}

/** Whether two names are one name to the server (unique over NFC casefold). */
export function sameName(a: string, b: string): boolean {
  const fold = (name: string) =>
    normalise(normalise(name).toUpperCase().toLowerCase());
  return fold(a) === fold(b);
}

/** `login` → `login.puml`; what has an extension keeps it. */
export function withExtension(name: string): string {
  return names.patterns.extension.test(name)
    ? name
    : `${name}${names.defaultExtension}`;
}

/**
 * The first of `stem.ext`, `stem 2.ext`, `stem 3.ext`… that is not taken.
 */
export function freeName(wanted: string, taken: Iterable<string>): string {
  const names = Array.from(taken);
  const isTaken = (name: string) => names.some(other => sameName(other, name));
  if (!isTaken(wanted)) {
    return wanted;
  }
  const dot = wanted.lastIndexOf('.');
  const stem = dot > 0 ? wanted.slice(0, dot) : wanted;
  const extension = dot > 0 ? wanted.slice(dot) : '';
  for (let n = 2; ; n++) {
    const name = `${stem} ${n}${extension}`;
    if (!isTaken(name)) {
      return name;
    }
  }
}

/**
 * What remains of a foreign file's name when what the server does not allow is
 * taken out (letters, marks, digits, space, `-_.`; no space or dot outside).
 */
export function allowedName(name: string): string {
  const cleaned = normalise(name)
    .replace(/[^\p{L}\p{M}\p{N} \-_.]+/gu, '-')
    .replace(/^[ .]+|[ .]+$/g, '');
  return (
    Array.from(cleaned).slice(0, names.documentLength).join('') || 'diagram'
  );
}

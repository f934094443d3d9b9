/**
 * Paths of the drive `Rooms:`, and names.
 *
 * A local path is "" (the list of rooms), "room", or "room/document". Names
 * hold no slash, so the split is exact. What a name may be is the server's
 * rule; here only what a person's input needs before it is asked.
 */
import { names } from '../shared/names';

/** The drive's name: `Rooms:design/login.puml`. */
export const DRIVE = 'Rooms';

/** What a local path of the drive names. */
export type RoomsPath =
  | { kind: 'root' }
  | { kind: 'room'; room: string }
  | { kind: 'document'; room: string; name: string }
  | { kind: 'beyond' };

/**
 * Split a local path. A path deeper than room/document names nothing that can
 * be: `beyond`.
 */
export function parsePath(localPath: string): RoomsPath {
  const parts = localPath.split('/').filter(part => part && part !== '.');
  switch (parts.length) {
    case 0:
      return { kind: 'root' };
    case 1:
      return { kind: 'room', room: normalise(parts[0]) };
    case 2:
      return {
        kind: 'document',
        room: normalise(parts[0]),
        name: normalise(parts[1])
      };
    default:
      return { kind: 'beyond' };
  }
}

/** The local path of a document. */
export function documentPath(room: string, name: string): string {
  return `${room}/${name}`;
}

/** The path as the rest of Lab writes it. */
export function globalPath(localPath: string): string {
  return `${DRIVE}:${localPath}`;
}

/** The local path of a global one of this drive, else `null`. */
export function localPathOf(path: string): string | null {
  return path.startsWith(`${DRIVE}:`)
    ? path.slice(DRIVE.length + 1).replace(/^\/+/, '')
    : null;
}

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

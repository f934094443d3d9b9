/**
 * Paths of the drive `Rooms:`.
 *
 * A local path is "" (the list of rooms), "room", or "room/document". Names
 * hold no slash, so the split is exact.
 */
import { normalise } from '../server/names';

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
  const [room, name, ...rest] = localPath
    .split('/')
    .filter(part => part && part !== '.')
    .map(normalise);
  if (room === undefined) {
    return { kind: 'root' };
  }
  if (name === undefined) {
    return { kind: 'room', room };
  }
  return rest.length ? { kind: 'beyond' } : { kind: 'document', room, name };
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

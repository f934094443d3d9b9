/**
 * The list of a document's past: sessions of work and named versions in one
 * order, and the points between them at which one can stop.
 */
import type { IEditSession, IVersion } from './api';

/** A line of the list. */
export type Entry =
  | { kind: 'session'; key: string; seq: number; session: IEditSession }
  | { kind: 'version'; key: string; seq: number; version: IVersion };

/** What is looked at. */
export interface IPoint {
  seq: number;
  time: string;
  version: IVersion | null;
  session: IEditSession | null;
}

/** How many stops a session has at most. */
const STOPS = 12;

/**
 * Sessions and versions, the newest first; a version stands above the
 * session that it closes.
 */
export function entriesOf(
  sessions: readonly IEditSession[],
  versions: readonly IVersion[]
): Entry[] {
  const entries: Entry[] = [
    ...versions.map(version => ({
      kind: 'version' as const,
      key: version.id,
      seq: version.seq,
      version
    })),
    ...sessions.map(session => ({
      kind: 'session' as const,
      key: `s${session.first}`,
      seq: session.last,
      session
    }))
  ];
  // The sort is stable: versions came first.
  return entries.sort((a, b) => b.seq - a.seq);
}

/** The text that a line of the list leads to. */
export function pointOf(entry: Entry): IPoint {
  return entry.kind === 'version'
    ? {
        seq: entry.seq,
        time: entry.version.at,
        version: entry.version,
        session: null
      }
    : {
        seq: entry.seq,
        time: entry.session.end,
        version: null,
        session: entry.session
      };
}

/** The rows at which one can stop, the oldest first. */
export function stopsOf(sessions: readonly IEditSession[]): number[] {
  const stops = new Set<number>();
  for (const { first, last, rows } of sessions) {
    const steps = Math.min(STOPS, rows);
    for (let i = 0; i < steps; i++) {
      const part = steps === 1 ? 1 : i / (steps - 1);
      stops.add(Math.round(first + (last - first) * part));
    }
  }
  return Array.from(stops).sort((a, b) => a - b);
}

/** The session in which a row is. */
export function editSessionAt(
  sessions: readonly IEditSession[],
  seq: number
): IEditSession | undefined {
  return sessions.find(({ first, last }) => first <= seq && seq <= last);
}

/** The index of the stop nearest to a row. */
export function nearestStop(stops: readonly number[], seq: number): number {
  let best = 0;
  stops.forEach((stop, i) => {
    if (Math.abs(stop - seq) < Math.abs((stops[best] ?? 0) - seq)) {
      best = i;
    }
  });
  return best;
}

/** Lines of a text that another text does not have, by their content. */
export function foreignLines(
  lines: readonly string[],
  other: string
): Set<number> {
  const known = new Set(other.split('\n').map(line => line.trim()));
  const found = new Set<number>();
  lines.forEach((line, i) => {
    if (line.trim() && !known.has(line.trim())) {
      found.add(i);
    }
  });
  return found;
}

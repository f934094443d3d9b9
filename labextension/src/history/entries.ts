/**
 * The list of a document's past: stretches of work and named versions in one
 * order, and the points between them at which one can stop.
 */
import type { IStretch, IVersion } from './api';

/** A line of the list. */
export type Entry =
  | { kind: 'stretch'; key: string; seq: number; stretch: IStretch }
  | { kind: 'version'; key: string; seq: number; version: IVersion };

/** What is looked at. */
export interface IPoint {
  seq: number;
  time: string;
  version: IVersion | null;
  stretch: IStretch | null;
}

/** How many stops a stretch has at most. */
const STOPS = 12;

/**
 * Stretches and versions, the newest first; a version stands above the
 * stretch that it closes.
 */
export function entriesOf(
  stretches: readonly IStretch[],
  versions: readonly IVersion[]
): Entry[] {
  const entries: Entry[] = [
    ...versions.map(version => ({
      kind: 'version' as const,
      key: version.id,
      seq: version.seq,
      version
    })),
    ...stretches.map(stretch => ({
      kind: 'stretch' as const,
      key: `s${stretch.first}`,
      seq: stretch.last,
      stretch
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
        stretch: null
      }
    : {
        seq: entry.seq,
        time: entry.stretch.end,
        version: null,
        stretch: entry.stretch
      };
}

/** The rows at which one can stop, the oldest first. */
export function stopsOf(stretches: readonly IStretch[]): number[] {
  const stops = new Set<number>();
  for (const { first, last, rows } of stretches) {
    const steps = Math.min(STOPS, rows);
    for (let i = 0; i < steps; i++) {
      const part = steps === 1 ? 1 : i / (steps - 1);
      stops.add(Math.round(first + (last - first) * part));
    }
  }
  return Array.from(stops).sort((a, b) => a - b);
}

/** The stretch in which a row is. */
export function stretchAt(
  stretches: readonly IStretch[],
  seq: number
): IStretch | undefined {
  return stretches.find(({ first, last }) => first <= seq && seq <= last);
}

/** The index of the stop nearest to a row. */
export function nearestStop(stops: readonly number[], seq: number): number {
  let best = 0;
  stops.forEach((stop, i) => {
    if (Math.abs(stop - seq) < Math.abs(stops[best] - seq)) {
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

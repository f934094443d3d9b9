/**
 * Who wrote which part of a text: spans that cover it from end to end, as
 * plain data.
 *
 * The server says it for the text that it has. From then on the spans follow
 * every change: what is typed here is one's own at once, what comes from
 * others is nobody's yet, until the server is asked again.
 */
import { ChangeSet } from '@codemirror/state';
import type { ChangeDesc } from '@codemirror/state';
import type { IAuthors } from './api';
import type { Diff } from './changes';

/** Whose it is: `null` while nobody knows, `''` for edits tidied away. */
export interface IAttribution {
  author: string | null;
  /** When the last of it came. */
  at: string | null;
}

/** A part of a text. */
export interface IAuthoredSpan extends IAttribution {
  from: number;
  to: number;
}

/** One author's part of a text. */
export interface IShare extends IAttribution {
  /** Between 0 and 1. */
  part: number;
}

export const UNKNOWN: IAttribution = { author: null, at: null };

/** The server's answer as spans of its own text. */
export function spansOf({ runs }: IAuthors): IAuthoredSpan[] {
  const joined = new Joined();
  let from = 0;
  for (const { author, length, at } of runs) {
    joined.add(from, from + length, { author, at });
    from += length;
  }
  return joined.spans;
}

/** The spans after a change; what was put in is `put`'s. */
export function follow(
  spans: readonly IAuthoredSpan[],
  changes: ChangeDesc,
  put: IAttribution
): IAuthoredSpan[] {
  const joined = new Joined();
  let end = 0;
  let i = 0;
  changes.iterGaps((fromA, fromB, length) => {
    joined.add(end, fromB, put);
    const toA = fromA + length;
    const shift = fromB - fromA;
    for (let span; (span = spans[i]) && span.from < toA; i++) {
      if (span.to <= fromA) {
        continue;
      }
      const from = Math.max(span.from, fromA) + shift;
      joined.add(from, Math.min(span.to, toA) + shift, span);
      if (span.to > toA) {
        break; // The next gap begins in it, too.
      }
    }
    end = fromB + length;
  });
  joined.add(end, changes.newLength, put);
  return joined.spans;
}

/**
 * The server's answer for a text that has gone on since; where the server knew
 * nothing yet, what was known here stays.
 */
export function caughtUp(
  answer: IAuthors,
  text: string,
  known: readonly IAuthoredSpan[],
  diff: Diff
): IAuthoredSpan[] {
  const said = spansOf(answer);
  if (answer.source === text) {
    return said;
  }
  const changes = diff(answer.source, text).map(
    ({ fromA, toA, fromB, toB }) => ({
      from: fromA,
      to: toA,
      insert: text.slice(fromB, toB)
    })
  );
  const set = ChangeSet.of(changes, answer.source.length, '\n');
  const joined = new Joined();
  for (const span of follow(said, set, UNKNOWN)) {
    if (span.author !== null) {
      joined.add(span.from, span.to, span);
      continue;
    }
    for (const old of between(known, span.from, span.to)) {
      joined.add(old.from, old.to, old);
    }
    joined.add(joined.end(span.from), span.to, UNKNOWN);
  }
  return joined.spans;
}

/** The spans from one place to another, cut to them. */
export function between(
  spans: readonly IAuthoredSpan[],
  from: number,
  to: number
): IAuthoredSpan[] {
  // The first that ends behind `from`.
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.to ?? Infinity) <= from) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const found: IAuthoredSpan[] = [];
  for (let span; (span = spans[low]) && span.from < to; low++) {
    found.push({
      ...span,
      from: Math.max(span.from, from),
      to: Math.min(span.to, to)
    });
  }
  return found;
}

/** Each author's part of some spans, the largest first. */
export function sharesOf(spans: readonly IAuthoredSpan[]): IShare[] {
  const sizes = new Map<string | null, { size: number; at: string | null }>();
  let all = 0;
  for (const { from, to, author, at } of spans) {
    const known = sizes.get(author);
    all += to - from;
    sizes.set(author, {
      size: (known?.size ?? 0) + to - from,
      at: later(known?.at ?? null, at)
    });
  }
  return Array.from(sizes, ([author, { size, at }]) => ({
    author,
    at,
    part: size / all
  })).sort((a, b) => b.part - a.part);
}

function later(one: string | null, other: string | null): string | null {
  return one && other ? (one > other ? one : other) : (one ?? other);
}

/** Puts spans together, neighbours of one author as one. */
class Joined {
  readonly spans: IAuthoredSpan[] = [];

  add(from: number, to: number, { author, at }: IAttribution): void {
    if (to <= from) {
      return;
    }
    const last = this.spans[this.spans.length - 1];
    if (last?.to === from && last.author === author && last.at === at) {
      last.to = to;
    } else {
      this.spans.push({ from, to, author, at });
    }
  }

  /** Where the last one ends, but not before `from`. */
  end(from: number): number {
    return Math.max(from, this.spans[this.spans.length - 1]?.to ?? 0);
  }
}

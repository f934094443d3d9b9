import { diff } from '@codemirror/merge';
import { ChangeSet } from '@codemirror/state';
import type { ChangeSpec } from '@codemirror/state';
import { describe, expect, it } from 'vitest';
import type { IAuthors } from '../api';
import {
  between,
  caughtUp,
  follow,
  sharesOf,
  spansOf,
  UNKNOWN
} from '../authoredspans';
import type { IAuthoredSpan } from '../authoredspans';

/** An answer of the server: `('ada', 'text')` after each other. */
function said(...parts: [string, string][]): IAuthors {
  return {
    source: parts.map(([, text]) => text).join(''),
    runs: parts.map(([author, text]) => ({
      author,
      length: text.length,
      at: null
    }))
  };
}

/** Spans as authors and their text. */
function told(
  spans: readonly IAuthoredSpan[],
  text: string
): [string, string][] {
  return spans.map(({ from, to, author }) => [
    author ?? '?',
    text.slice(from, to)
  ]);
}

function changed(
  answer: IAuthors,
  changes: ChangeSpec
): { spans: IAuthoredSpan[]; text: string } {
  const set = ChangeSet.of(changes, answer.source.length);
  const ben = { author: 'ben', at: null };
  let text = '';
  let end = 0;
  set.iterChanges((fromA, toA, _fromB, _toB, inserted) => {
    text += answer.source.slice(end, fromA) + inserted.toString();
    end = toA;
  });
  return {
    spans: follow(spansOf(answer), set, ben),
    text: text + answer.source.slice(end)
  };
}

const ANSWER = said(['ada', 'one '], ['eve', 'two '], ['ada', 'three']);

describe('who wrote what', () => {
  it('is in the order of the text, neighbours of one author as one', () => {
    const answer = said(['ada', 'a'], ['ada', 'b'], ['eve', 'c']);
    expect(told(spansOf(answer), answer.source)).toEqual([
      ['ada', 'ab'],
      ['eve', 'c']
    ]);
  });

  it('follows what is typed inside of somebody else’s text', () => {
    const { spans, text } = changed(ANSWER, { from: 5, insert: 'x' });
    expect(told(spans, text)).toEqual([
      ['ada', 'one '],
      ['eve', 't'],
      ['ben', 'x'],
      ['eve', 'wo '],
      ['ada', 'three']
    ]);
  });

  it('follows deletions, replacements and several changes at once', () => {
    const { spans, text } = changed(ANSWER, [
      { from: 2, to: 6, insert: 'X' },
      { from: 8, to: 9 },
      { from: 13, insert: '!' }
    ]);
    expect(text).toBe('onXo hree!');
    expect(told(spans, text)).toEqual([
      ['ada', 'on'],
      ['ben', 'X'],
      ['eve', 'o '],
      ['ada', 'hree'],
      ['ben', '!']
    ]);
  });

  it('covers a text from end to end whatever is done to it', () => {
    let spans = spansOf(ANSWER);
    let length = ANSWER.source.length;
    for (let i = 0; i < 300; i++) {
      const from = (i * 7) % (length + 1);
      const to = Math.min(length, from + (i % 4));
      const insert = 'x'.repeat((i * 5) % 4);
      const set = ChangeSet.of({ from, to, insert }, length);
      spans = follow(spans, set, { author: `p${i % 3}`, at: null });
      length = set.newLength;
      let end = 0;
      for (const span of spans) {
        expect(span.from).toBe(end);
        expect(span.to).toBeGreaterThan(span.from);
        end = span.to;
      }
      expect(end).toBe(length);
    }
  });

  it('is fitted to a text that went on while the server was asked', () => {
    const text = 'one more two three';
    const known = follow(
      spansOf(ANSWER),
      ChangeSet.of({ from: 4, insert: 'more ' }, ANSWER.source.length),
      { author: 'ben', at: null }
    );
    expect(told(caughtUp(ANSWER, text, known, diff), text)).toEqual([
      ['ada', 'one '],
      ['ben', 'more '],
      ['eve', 'two '],
      ['ada', 'three']
    ]);
    expect(told(caughtUp(ANSWER, text, [], diff), text)[1]).toEqual([
      '?',
      'more '
    ]);
  });

  it('takes the server’s word for what came from others meanwhile', () => {
    const known = follow(
      spansOf(said(['ada', 'one '])),
      ChangeSet.of({ from: 4, insert: 'two ' }, 4),
      UNKNOWN
    );
    const answer = said(['ada', 'one '], ['eve', 'two ']);
    expect(told(caughtUp(answer, 'one two ', known, diff), 'one two ')).toEqual(
      [
        ['ada', 'one '],
        ['eve', 'two ']
      ]
    );
  });

  it('is cut to a line, and summed up with the latest time', () => {
    const spans: IAuthoredSpan[] = [
      { from: 0, to: 6, author: 'ada', at: '2026-01-01T00:00:00.000Z' },
      { from: 6, to: 8, author: 'eve', at: null },
      { from: 8, to: 10, author: 'ada', at: '2026-02-01T00:00:00.000Z' }
    ];
    expect(between(spans, 4, 7).map(({ from, to }) => [from, to])).toEqual([
      [4, 6],
      [6, 7]
    ]);
    expect(sharesOf(spans)).toEqual([
      { author: 'ada', at: '2026-02-01T00:00:00.000Z', part: 0.8 },
      { author: 'eve', at: null, part: 0.2 }
    ]);
    expect(sharesOf([])).toEqual([]);
  });
});

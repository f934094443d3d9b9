import { EditorState } from '@codemirror/state';
import { describe, expect, it } from 'vitest';
import { wholeCharacters } from '../wholecharacters';

/** The changes of a transaction, as a shared text is told of them. */
function told(
  text: string,
  changes: { from: number; to?: number; insert?: string }[]
) {
  const state = EditorState.create({
    doc: text,
    extensions: wholeCharacters()
  });
  const tr = state.update({
    changes,
    selection: { anchor: 0 },
    userEvent: 'input.type'
  });
  const all: [number, number, string][] = [];
  tr.changes.iterChanges((from, to, _from, _to, inserted) => {
    all.push([from, to, inserted.toString()]);
  });
  return { text: tr.newDoc.toString(), all, event: tr.isUserEvent('input') };
}

describe('wholeCharacters', () => {
  it('widens what a typed emoji before another one looks like', () => {
    // "😁" before "😀": the first units are equal, so the page's difference
    // is the second unit of the new and the first of the old.
    const { text, all, event } = told('a😀b', [
      { from: 2, insert: '\ude01\ud83d' }
    ]);
    expect(text).toBe('a😁😀b');
    expect(all).toEqual([[1, 3, '😁😀']]);
    expect(event).toBe(true);
  });

  it('widens a deletion that begins and ends inside', () => {
    const { text, all } = told('😁😀!', [{ from: 1, to: 3 }]);
    expect(text).toBe('😀!'); // \ud83d of the one, \ude00 of the other
    expect(all).toEqual([[0, 4, '😀']]);
  });

  it('keeps several changes together when one is cut', () => {
    const { text } = told('x😀y', [
      { from: 0, insert: '-' },
      { from: 2, insert: '\ude01\ud83d' },
      { from: 4, insert: '+' }
    ]);
    expect(text).toBe('-x😁😀y+');
  });

  it('leaves everything else as it is', () => {
    expect(told('a😀b', [{ from: 1, to: 3, insert: 'é' }]).all).toEqual([
      [1, 3, 'é']
    ]);
    expect(told('', [{ from: 0, insert: '😀' }]).all).toEqual([[0, 0, '😀']]);
  });

  it('leaves what comes from others: it must stay marked as theirs', () => {
    const state = EditorState.create({
      doc: 'a😀b',
      extensions: wholeCharacters()
    });
    const tr = state.update({ changes: { from: 2, to: 3 } });
    expect(tr.changes.toJSON()).toEqual([2, [1], 1]);
  });
});

/**
 * Keeps changes of the text from cutting a character in two.
 *
 * What is typed into the page reaches the editor as the least difference of
 * two strings of UTF-16 units. Before "😀", a typed "😁" is then two units
 * inside of the old pair: the same text, but in a shared text each half is
 * lost, for everybody, and in other ways on other sides. So such a change is
 * widened to whole characters; the text that it makes is the same.
 */
import { EditorState, Transaction } from '@codemirror/state';
import type { Extension, Text } from '@codemirror/state';

/** What goes into a diagram's editor. */
export function wholeCharacters(): Extension {
  return EditorState.transactionFilter.of(tr => {
    const event = tr.annotation(Transaction.userEvent);
    // What comes from others is marked as theirs and stays so.
    if (!tr.docChanged || event === undefined) {
      return tr;
    }
    const before = tr.startState.doc;
    let isCut = false;
    let from = before.length;
    let to = 0;
    let growth = 0;
    tr.changes.iterChanges((fromA, toA, _fromB, toB) => {
      isCut ||= isInside(before, fromA) || isInside(before, toA);
      from = Math.min(from, fromA);
      to = Math.max(to, toA);
      growth = toB - toA; // of all the changes up to here
    });
    if (!isCut) {
      return tr;
    }
    const start = isInside(before, from) ? from - 1 : from;
    const end = isInside(before, to) ? to + 1 : to;
    return {
      changes: {
        from: start,
        to: end,
        insert: tr.newDoc.slice(start, end + growth)
      },
      selection: tr.newSelection,
      effects: tr.effects,
      scrollIntoView: tr.scrollIntoView,
      userEvent: event
    };
  });
}

/** Whether a position is between the two units of one character. */
function isInside(doc: Text, position: number): boolean {
  if (position <= 0 || position >= doc.length) {
    return false;
  }
  const around = doc.sliceString(position - 1, position + 1);
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(around);
}

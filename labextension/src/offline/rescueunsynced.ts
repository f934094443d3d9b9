/**
 * Text that can no longer become the document is set aside for its author.
 */
import * as Y from 'yjs';
import { wire } from '../shared/wire';
import type { Copies, ICopyKey } from './copies';
import type {
  ISetAsideText,
  SetAsideReason,
  SetAsideTexts
} from './setasidetexts';

/** What a text was the text of, by what it was called. */
export interface IOrigin {
  id: string;
  room: string;
  name: string;
}

const { closeCodes } = wire;
const REASONS: Record<string | number, SetAsideReason> = {
  denied: 'denied',
  [closeCodes.badRequest]: 'malformed',
  [closeCodes.accessDenied]: 'no-access',
  [closeCodes.notFound]: 'deleted',
  [closeCodes.epoch]: 'replaced',
  [closeCodes.limitExceeded]: 'too-large'
};

/** Why text is set aside when a connection ends so. */
export function reasonOf(end: {
  code: number;
  reason: string;
}): SetAsideReason {
  return REASONS[end.reason] ?? REASONS[end.code] ?? 'replaced';
}

/** Set a text aside; one that is blank is nothing to keep. */
export function setAside(
  texts: SetAsideTexts,
  document: IOrigin,
  text: string,
  reason: SetAsideReason
): ISetAsideText | null {
  if (text.trim() === '') {
    return null;
  }
  const { id, room, name } = document;
  return texts.add({ document: id, room, name, text, reason });
}

/** Text of a replaced history that never reached the server: set it aside. */
export async function rescueUnsynced(
  {
    copies,
    setAsideTexts
  }: {
    copies: Copies;
    setAsideTexts: SetAsideTexts;
  },
  key: ICopyKey,
  document: IOrigin
): Promise<void> {
  for (const record of copies.list(key.subject, key.document)) {
    if (record.epoch === key.epoch) {
      continue;
    }
    if (record.unsent) {
      const doc = new Y.Doc();
      const copy = await copies.open(record, doc);
      const { isLoaded } = copy;
      const text = doc.getText('source').toString();
      copy.dispose();
      doc.destroy();
      if (!isLoaded) {
        continue; // Another time: it must not be deleted unread.
      }
      setAside(setAsideTexts, document, text, 'replaced');
    }
    await copies.remove(record);
  }
}

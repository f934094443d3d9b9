/**
 * Text that can no longer become the document is set aside for its author.
 */
import * as Y from 'yjs';
import { wire } from '../shared/wire';
import type { Copies, ICopyKey } from './copies';
import type { IKeptText, KeptReason, KeptTexts } from './kept';

/** What a text was the text of, by what it was called. */
export interface IOrigin {
  id: string;
  room: string;
  name: string;
}

const { closeCodes } = wire;
const REASONS: Record<string | number, KeptReason> = {
  denied: 'denied',
  [closeCodes.badRequest]: 'malformed',
  [closeCodes.accessDenied]: 'no-access',
  [closeCodes.notFound]: 'deleted',
  [closeCodes.epoch]: 'replaced',
  [closeCodes.limitExceeded]: 'too-large'
};

/** Why text is kept when a connection ends so. */
export function reasonOf(end: { code: number; reason: string }): KeptReason {
  return REASONS[end.reason] ?? REASONS[end.code] ?? 'replaced';
}

/** Keep a text; one that is blank is nothing to keep. */
export function setAside(
  kept: KeptTexts,
  document: IOrigin,
  text: string,
  reason: KeptReason
): IKeptText | null {
  if (text.trim() === '') {
    return null;
  }
  const { id, room, name } = document;
  return kept.add({ document: id, room, name, text, reason });
}

/** Text of a replaced history that never reached the server: set it aside. */
export async function rescueOlder(
  { copies, kept }: { copies: Copies; kept: KeptTexts },
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
      setAside(kept, document, text, 'replaced');
    }
    await copies.remove(record);
  }
}

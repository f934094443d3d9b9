/**
 * Text that can no longer become the document is set aside for its author.
 */
import * as Y from 'yjs';
import { wire } from '../shared/wire';
import type { IDocument } from './api';
import type { ICopyKey } from './copies';
import type { IKeptText, KeptReason, KeptTexts } from './kept';
import type { IEnd } from './phase';
import type { RoomsServices } from './services';

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
export function reasonOf(end: IEnd): KeptReason {
  return REASONS[end.reason] ?? REASONS[end.code] ?? 'replaced';
}

/** Keep a text; one that is blank is nothing to keep. */
export function setAside(
  kept: KeptTexts,
  document: IDocument,
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
  services: RoomsServices,
  key: ICopyKey,
  document: IDocument
): Promise<void> {
  const { copies, kept } = services;
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

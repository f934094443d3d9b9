/**
 * Text that can no longer become the document is set aside for its author.
 */
import * as Y from 'yjs';
import { wire } from '../shared/wire';
import type { Copies, ICopyKey, ICopyOrigin, ICopyRecord } from './copies';
import type {
  ISetAsideText,
  SetAsideReason,
  SetAsideTexts
} from './setasidetexts';

/** What a text was the text of, by what it was called. */
export interface IOrigin extends ICopyOrigin {
  id: string;
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
  const { id, room, room_id, name } = document;
  return texts.add({ document: id, room, room_id, name, text, reason });
}

/** Who keeps copies and texts. */
interface IKeepers {
  copies: Copies;
  setAsideTexts: SetAsideTexts;
}

/** Text of a replaced history that never reached the server: set it aside. */
export async function rescueUnsynced(
  keepers: IKeepers,
  key: ICopyKey,
  document: IOrigin
): Promise<void> {
  for (const record of keepers.copies.list(key.subject, key.document)) {
    if (record.epoch !== key.epoch) {
      await rescue(keepers, record, document, 'replaced');
    }
  }
}

/**
 * Unsent text of what is gone: deleted, or in a room that the user may no
 * longer see. No tab of it opens any more, so nothing else would show it.
 *
 * @param isThere Whether the user may see a document; rejects if nobody can
 * tell just now.
 * @param isOpen Whether this page has a document open and looks after it.
 */
export async function rescueGone(
  keepers: IKeepers,
  subject: string,
  isThere: (record: ICopyRecord) => Promise<boolean>,
  isOpen: (document: string) => boolean
): Promise<void> {
  for (const record of keepers.copies.list(subject)) {
    if (!record.unsent || isOpen(record.document)) {
      continue;
    }
    if (!(await isThere(record)) && !isOpen(record.document)) {
      const { document: id, room, room_id, name } = record;
      await rescue(keepers, record, { id, room, room_id, name }, 'deleted');
    }
  }
}

async function rescue(
  { copies, setAsideTexts }: IKeepers,
  record: ICopyRecord,
  document: IOrigin,
  reason: SetAsideReason
): Promise<void> {
  if (record.unsent) {
    const doc = new Y.Doc();
    const copy = await copies.open(record, doc);
    const { isLoaded } = copy;
    const text = doc.getText('source').toString();
    copy.dispose();
    doc.destroy();
    if (!isLoaded) {
      return; // Another time: it must not be deleted unread.
    }
    setAside(setAsideTexts, document, text, reason);
  }
  await copies.remove(record);
}

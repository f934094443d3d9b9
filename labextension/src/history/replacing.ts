/**
 * Edits of a shared text from elsewhere, made as if they were typed: one undo
 * step of the least edits, so that others' cursors stay where their words are.
 */
import * as Y from 'yjs';
import type { RoomFile } from '../rooms/sharedmodel';
import { lineEdits } from './lineedits';

/** How long to wait for what an edit stands on. */
const PATIENCE = 10_000;

export async function replaceText(
  model: RoomFile,
  wanted: string
): Promise<void> {
  const { diff } = await import('@codemirror/merge');
  const changes = lineEdits(model.getSource(), wanted, diff);
  if (!changes.length) {
    return;
  }
  asOneStep(model, () => {
    // From the end, so that earlier places stay right.
    for (const { fromA, toA, fromB, toB } of [...changes].reverse()) {
      model.updateSource(fromA, toA, wanted.slice(fromB, toB));
    }
  });
}

/**
 * Make an edit that the server has prepared: it stands on the state that the
 * server had, of which the last keystrokes may still be on their way here.
 *
 * @returns Whether it was made; not where what it stands on does not come.
 */
export async function applyUpdate(
  model: RoomFile,
  update: Uint8Array
): Promise<boolean> {
  const isHere = await present(model.ydoc, update);
  if (isHere) {
    asOneStep(model, () => Y.applyUpdate(model.ydoc, update));
  }
  return isHere;
}

function asOneStep(model: RoomFile, edit: () => void): void {
  // Not joined with what was typed just before.
  model.undoManager.stopCapturing();
  model.transact(edit);
  model.undoManager.stopCapturing();
}

/** Whether a document has all that an update stands on, or gets it soon. */
function present(doc: Y.Doc, update: Uint8Array): Promise<boolean> {
  const needed = needsOf(update);
  const isHere = () =>
    needed.every(([client, end]) => Y.getState(doc.store, client) >= end);
  if (isHere()) {
    return Promise.resolve(true);
  }
  return new Promise(resolve => {
    const done = (result: boolean) => {
      clearTimeout(timer);
      doc.off('afterTransaction', check);
      doc.off('destroy', away);
      resolve(result);
    };
    // Who waits goes on after the transaction that brought it.
    const check = () => isHere() && done(true);
    const away = () => done(false);
    const timer = setTimeout(away, PATIENCE);
    doc.on('afterTransaction', check);
    doc.on('destroy', away);
  });
}

/** The clients whose structs an update needs, each with up to which clock. */
function needsOf(update: Uint8Array): [number, number][] {
  const { structs, ds } = Y.decodeUpdate(update);
  const own = new Set(structs.map(({ id }) => id.client));
  const ends = new Map<number, number>();
  const need = (client: number, end: number) => {
    if (!own.has(client)) {
      ends.set(client, Math.max(ends.get(client) ?? 0, end));
    }
  };
  for (const struct of structs) {
    if (struct instanceof Y.Item) {
      for (const id of [struct.origin, struct.rightOrigin]) {
        if (id) {
          need(id.client, id.clock + 1);
        }
      }
    }
  }
  ds.clients.forEach((deletions, client) => {
    deletions.forEach(({ clock, len }) => need(client, clock + len));
  });
  return Array.from(ends);
}

/**
 * Makes a shared text another one as if it was typed: one undo step of the
 * least edits, so that others' cursors stay where their words are.
 */
import type { RoomFile } from '../rooms/sharedmodel';

export async function replaceText(
  model: RoomFile,
  wanted: string
): Promise<void> {
  const { diff } = await import('@codemirror/merge');
  const changes = diff(model.getSource(), wanted);
  if (!changes.length) {
    return;
  }
  // Not joined with what was typed just before.
  model.undoManager.stopCapturing();
  model.transact(() => {
    // From the end, so that earlier places stay right.
    for (const { fromA, toA, fromB, toB } of [...changes].reverse()) {
      model.updateSource(fromA, toA, wanted.slice(fromB, toB));
    }
  });
  model.undoManager.stopCapturing();
}

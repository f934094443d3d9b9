import { PromiseDelegate } from '@lumino/coreutils';
import * as Y from 'yjs';
import { describe, expect, it } from 'vitest';
import { RoomFile } from '../../sync/sharedmodel';
import { applyUpdate, replaceText } from '../replacing';

function fileOf(source: string): RoomFile {
  const model = new RoomFile();
  model.setSource(source);
  model.undoManager.clear();
  return model;
}

/** Another person's copy; what each has so far goes to the other by `meet`. */
function copyOf(model: RoomFile): { text: Y.Text; meet: () => void } {
  const doc = new Y.Doc();
  const meet = () => {
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(model.ydoc), 'other');
    Y.applyUpdate(model.ydoc, Y.encodeStateAsUpdate(doc), 'other');
  };
  meet();
  return { text: doc.getText('source'), meet };
}

describe('making a text another one', () => {
  it('leaves what is typed until that text is here, and is one step', async () => {
    const model = fileOf('one\nwrong\nthree\n');
    const { text, meet } = copyOf(model);
    const wanted = new PromiseDelegate<string>();
    const done = replaceText(model, wanted.promise);
    model.updateSource(9, 9, '!');
    model.updateSource(0, 0, 'mine\n');
    text.insert(text.length, 'theirs\n');
    text.delete(0, 1);
    meet();
    wanted.resolve('one\ntwo\nthree\n');
    await done;
    expect(model.getSource()).toBe('mine\nne\ntwo!\nthree\ntheirs\n');
    const restored = model.getSource();
    model.undoManager.undo();
    expect(model.getSource()).toBe('mine\nne\nwrong!\nthree\ntheirs\n');
    model.undoManager.redo();
    expect(model.getSource()).toBe(restored);
  });

  it('changes nothing where the text cannot be had', async () => {
    const model = fileOf('one\n');
    const lost = Promise.reject(new Error('away'));
    await expect(replaceText(model, lost)).rejects.toThrow('away');
    expect(model.getSource()).toBe('one\n');
    expect(model.canUndo()).toBe(false);
  });
});

describe('an edit that the server has prepared', () => {
  it('waits for what it stands on, and is one step of undo', async () => {
    const model = fileOf('kept\n');
    const { text, meet } = copyOf(model);
    const server = new Y.Doc();
    text.insert(5, 'wrong\n');
    Y.applyUpdate(server, Y.encodeStateAsUpdate(text.doc as Y.Doc));
    const before = Y.encodeStateVector(server);
    server.getText('source').delete(5, 6);
    server.getText('source').insert(0, 'back\n');
    const update = Y.encodeStateAsUpdate(server, before);
    const done = applyUpdate(model, update);
    expect(model.getSource()).toBe('kept\n');
    meet();
    expect(await done).toBe(true);
    expect(model.getSource()).toBe('back\nkept\n');
    model.undoManager.undo();
    expect(model.getSource()).toBe('kept\nwrong\n');
  });

  it('is not made in a document that is closed', async () => {
    const model = fileOf('');
    const other = new Y.Doc();
    other.getText('source').insert(0, 'a');
    const before = Y.encodeStateVector(other);
    other.getText('source').delete(0, 1);
    const done = applyUpdate(model, Y.encodeStateAsUpdate(other, before));
    model.dispose();
    expect(await done).toBe(false);
  });
});

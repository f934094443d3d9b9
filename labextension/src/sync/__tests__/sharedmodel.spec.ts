import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { RoomFile, smallestEdit } from '../sharedmodel';

function pair(): [RoomFile, RoomFile] {
  const files: [RoomFile, RoomFile] = [new RoomFile(), new RoomFile()];
  files.forEach((file, index) => {
    const other = index ? files[0] : files[1];
    file.ydoc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'remote') {
        Y.applyUpdate(other.ydoc, update, 'remote');
      }
    });
  });
  return files;
}

describe('RoomFile', () => {
  it('keeps `state` and `dirty` out of the document', () => {
    const [file, other] = pair();
    file.transact(() => {
      file.ydoc.getMap('state').set('dirty', true);
      file.ydoc.getMap('state').set('path', 'x');
      file.ysource.insert(0, 'a');
    });
    expect(file.dirty).toBe(false);
    expect(other.getSource()).toBe('a');
    const fresh = new Y.Doc();
    Y.applyUpdate(fresh, Y.encodeStateAsUpdate(file.ydoc));
    expect([...fresh.share.keys()]).toEqual(['source']);
  });

  it('is dirty when the provider says so, and nobody else', () => {
    const [file, other] = pair();
    file.roomDoc.setDirty(true);
    expect(file.dirty).toBe(true);
    expect(other.dirty).toBe(false);
    file.dirty = false;
    expect(file.dirty).toBe(true);
    file.roomDoc.setDirty(false);
    expect(file.dirty).toBe(false);
  });

  it('keeps typed text in one run of structs', () => {
    const file = new RoomFile();
    for (let i = 0; i < 1000; i++) {
      file.transact(() => {
        file.ydoc.getMap('state').set('dirty', true);
        file.ysource.insert(i, 'x');
      });
    }
    expect(file.ydoc.store.clients.get(file.ydoc.clientID)).toHaveLength(1);
    expect(Y.encodeStateAsUpdate(file.ydoc).length).toBeLessThan(1100);
    file.dispose();
  });

  it('undoes its own edits only', () => {
    const [file, other] = pair();
    file.updateSource(0, 0, 'mine ');
    other.updateSource(5, 5, 'theirs');
    file.undo();
    expect(file.getSource()).toBe('theirs');
    expect(other.getSource()).toBe('theirs');
    expect(file.canUndo()).toBe(false);
    file.redo();
    expect(other.getSource()).toBe('mine theirs');
  });

  it('normalises line ends and replaces no more than differs', () => {
    const file = new RoomFile();
    file.source = 'a\r\nb\rc';
    expect(file.source).toBe('a\nb\nc');
    let delta: unknown;
    file.changed.connect((_, change) => {
      delta = change.sourceChange;
    });
    file.source = 'a\nB\nc';
    expect(delta).toEqual([{ retain: 2 }, { insert: 'B' }, { delete: 1 }]);
    file.dispose();
  });
});

describe('smallestEdit', () => {
  const apply = (from: string, to: string) => {
    const edit = smallestEdit(from, to);
    return edit
      ? from.slice(0, edit.start) + edit.insert + from.slice(edit.end)
      : from;
  };

  it('cuts through no surrogate pair', () => {
    // 😀 and 😁 share their first half, 😀 and 🐀 their last.
    expect(smallestEdit('a😀b', 'a😁b')).toEqual({
      start: 1,
      end: 3,
      insert: '😁'
    });
    const edit = smallestEdit('\ud83d\ude00', '\ud83e\ude00');
    expect(edit).toEqual({ start: 0, end: 2, insert: '\ud83e\ude00' });
  });

  it('turns any text into any other', () => {
    const texts = ['', 'a', 'aa', 'aba', '😀', '😀😁', 'x😀', '😀x', 'שלום'];
    for (const from of texts) {
      for (const to of texts) {
        expect(apply(from, to)).toBe(to);
      }
    }
    expect(smallestEdit('same', 'same')).toBeNull();
  });
});

/**
 * Edits of a shared text from elsewhere, made as if they were typed: one undo
 * step of the least edits, so that others' cursors stay where their words are.
 */
import { ChangeSet } from '@codemirror/state';
import type { ChangeSpec } from '@codemirror/state';
import * as Y from 'yjs';
import type { ITextEdit, RoomFile } from '../sync/sharedmodel';
import { lineEdits } from './lineedits';

/** How long to wait for what an edit stands on. */
const TIMEOUT = 10_000;

/**
 * Make the text that is there at this moment another one, which is on its way
 * here. What is typed meanwhile, by anybody, is not of that moment and stays.
 */
export async function replaceText(
  model: RoomFile,
  wanted: Promise<string>
): Promise<void> {
  const source = model.getSource();
  const since = new Since(model.ysource);
  try {
    const [{ diff }, text] = await Promise.all([
      import('@codemirror/merge'),
      wanted
    ]);
    const edits = lineEdits(source, text, diff).map(
      ({ fromA, toA, fromB, toB }) => ({
        from: fromA,
        to: toA,
        insert: text.slice(fromB, toB)
      })
    );
    if (!edits.length || model.isDisposed) {
      return;
    }
    const changes: ITextEdit[] = [];
    ChangeSet.of(edits, source.length, '\n')
      .map(since.changes)
      .iterChanges((start, end, _fromB, _toB, inserted) => {
        const insert = inserted.sliceString(0, inserted.length, '\n');
        changes.push({ start, end, insert });
      }, true);
    asOneStep(model, () => {
      // From the end, so that earlier places stay right.
      for (const { start, end, insert } of changes.reverse()) {
        model.updateSource(start, end, insert);
      }
    });
  } finally {
    since.stop();
  }
}

/** What has happened to a text since a moment. */
class Since {
  constructor(private readonly _text: Y.Text) {
    this._changes = ChangeSet.empty(_text.length);
    _text.observe(this._onChange);
  }

  get changes(): ChangeSet {
    return this._changes;
  }

  stop(): void {
    this._text.unobserve(this._onChange);
  }

  private readonly _onChange = ({ delta }: Y.YTextEvent): void => {
    const length = this._changes.newLength;
    let at = 0;
    const edits = delta.flatMap<ChangeSpec>(step => {
      const from = at;
      if (typeof step.insert === 'string') {
        return [{ from, insert: step.insert }];
      }
      at += step.retain ?? step.delete ?? 0;
      return step.delete ? [{ from, to: at }] : [];
    });
    const next = ChangeSet.of(edits, length, '\n');
    this._changes = this._changes.compose(next);
  };

  private _changes: ChangeSet;
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
    const timer = setTimeout(away, TIMEOUT);
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

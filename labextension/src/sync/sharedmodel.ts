/**
 * The shared model of a room document: JupyterLab's YFile, minus its noise.
 *
 * Lab's editor binding writes `ydoc.getMap('state').dirty` in the transaction
 * of every key. In the synced document that would break each run of typed text
 * (20,000 characters: 475 kB instead of 20 kB) and make "dirty" common to
 * everybody. So `RoomDoc` answers `getMap('state')` from a second Y.Doc that
 * never leaves this page, and whose `dirty` only the provider sets: it means
 * "typed here and not yet acknowledged", never "somebody changed something".
 */
import type { FileChange, ISharedFile, IYText } from '@jupyter/ydoc';
import { YDocument } from '@jupyter/ydoc';
import * as Y from 'yjs';

const STATE = 'state';
const DIRTY = 'dirty';

/** A Y.Doc that keeps the map `state` to itself. */
export class RoomDoc extends Y.Doc {
  constructor() {
    super();
    const state = this._local.getMap<unknown>(STATE);
    const set = state.set.bind(state);
    // The binding and Lab's Context both write `dirty` without knowing
    // whether the server has the text; only `setDirty` does.
    state.set = (key, value) => (key === DIRTY ? value : set(key, value));
    this._setDirty = value => set(DIRTY, value);
    this._state = state;
  }

  override getMap<T = unknown>(name?: string): Y.Map<T> {
    return name === STATE
      ? (this._state as unknown as Y.Map<T>)
      : super.getMap<T>(name);
  }

  /** Say whether edits are unacknowledged. For the provider alone. */
  setDirty(value: boolean): void {
    if ((this._state.get(DIRTY) === true) !== value) {
      this._setDirty(value);
    }
  }

  override destroy(): void {
    super.destroy();
    this._local.destroy();
  }

  private readonly _local = new Y.Doc();
  private readonly _state: Y.Map<unknown>;
  private readonly _setDirty: (value: boolean) => void;
}

/** A text document of a room, in the shape of YFile. */
export class RoomFile
  extends YDocument<FileChange>
  implements ISharedFile, IYText
{
  constructor() {
    super({ ydoc: new RoomDoc() });
    this.ysource = this.ydoc.getText('source');
    this.undoManager.addToScope(this.ysource);
    this.ysource.observe(this._onSourceChange);
  }

  readonly version = '1.0.0';

  /** The text; `ydoc.getText('source')` everywhere. */
  readonly ysource: Y.Text;

  /** The document, with its own type. */
  get roomDoc(): RoomDoc {
    return this.ydoc as RoomDoc;
  }

  override get source(): string {
    return this.getSource();
  }
  override set source(value: string) {
    this.setSource(value);
  }

  getSource(): string {
    return this.ysource.toString();
  }

  /**
   * Make the text `value` by the smallest edit, so that other people's cursors
   * and undo steps outside of it stay.
   */
  setSource(value: string): void {
    const edit = smallestEdit(this.getSource(), value.replace(/\r\n?/g, '\n'));
    if (edit) {
      this.updateSource(edit.start, edit.end, edit.insert);
    }
  }

  updateSource(start: number, end: number, value = ''): void {
    this.transact(() => {
      // Insert, then delete: positions after the change stay behind it.
      if (value) {
        this.ysource.insert(start, value);
      }
      if (end > start) {
        this.ysource.delete(start + value.length, end - start);
      }
    });
  }

  override get dirty(): boolean {
    return super.dirty;
  }
  override set dirty(_value: boolean) {
    // Lab clears it after a save and sets it on undo; neither knows.
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this.ysource.unobserve(this._onSourceChange);
    super.dispose();
  }

  private _onSourceChange = (event: Y.YTextEvent): void => {
    this._changed.emit({ sourceChange: event.changes.delta as never });
  };
}

/** Replace `[start, end)` by `insert`. */
export interface ITextEdit {
  start: number;
  end: number;
  insert: string;
}

/**
 * The one replacement that turns `from` into `to`, cut to what differs and
 * never through a surrogate pair; `null` when they are equal.
 */
export function smallestEdit(from: string, to: string): ITextEdit | null {
  if (from === to) {
    return null;
  }
  const limit = Math.min(from.length, to.length);
  let start = 0;
  while (start < limit && from[start] === to[start]) {
    start += 1;
  }
  if (start > 0 && isHighSurrogate(from, start - 1)) {
    start -= 1;
  }
  let tail = 0;
  while (
    tail < limit - start &&
    from[from.length - 1 - tail] === to[to.length - 1 - tail]
  ) {
    tail += 1;
  }
  if (tail > 0 && isLowSurrogate(from, from.length - tail)) {
    tail -= 1;
  }
  return {
    start,
    end: from.length - tail,
    insert: to.slice(start, to.length - tail)
  };
}

function isHighSurrogate(text: string, index: number): boolean {
  return (text.charCodeAt(index) & 0xfc00) === 0xd800;
}

function isLowSurrogate(text: string, index: number): boolean {
  return (text.charCodeAt(index) & 0xfc00) === 0xdc00;
}

/**
 * Copies of documents in this browser (IndexedDB), and what is known of them.
 *
 * A copy's name holds server, user, document and epoch (PROTOCOL E3): another
 * user, or a history that was replaced, can never meet it. Beside each copy a
 * small record in localStorage says whose it is and whether it holds edits
 * that the server has not acknowledged, so that a page opened later can tell
 * the truth before it is connected. Where IndexedDB is blocked, full or slow,
 * documents work without a copy and say so.
 */
import * as idb from 'lib0/indexeddb';
import { IndexeddbPersistence, storeState } from 'y-indexeddb';
import type * as Y from 'yjs';
import type { BrowserStorage } from './storage';

/** A copy is stored, is not wanted (setting), or cannot be had. */
export type CopyState = 'stored' | 'off' | 'unavailable';

/** Whose copy, of what. */
export interface ICopyKey {
  subject: string;
  document: string;
  epoch: number;
}

/** What the document was called, to offer what is left of it. */
export interface ICopyOrigin {
  room: string;
  room_id: string;
  name: string;
}

/** What is remembered beside a copy. */
export interface ICopyRecord extends ICopyKey, ICopyOrigin {
  unsent: boolean;
}

/** How long a document waits for its copy. */
export const COPY_TIMEOUT = 1000;
/** A copy that takes longer is not to be counted on. */
const LATE_AFTER = 10_000;

const RECORD = 'copy:';
const UPDATES_BEFORE_TRIM = 500;

export class Copies {
  constructor(private readonly _storage: BrowserStorage) {}

  /** The name of a copy's database and of its BroadcastChannel. */
  name(key: ICopyKey): string {
    return (
      this._storage.prefix + [key.subject, key.document, key.epoch].join(':')
    );
  }

  /** What is remembered of a copy. */
  record(key: ICopyKey): ICopyRecord | null {
    return this._storage.get(RECORD + this.name(key)) as ICopyRecord | null;
  }

  /** Remember whether a copy holds unacknowledged edits. */
  mark(key: ICopyKey, unsent: boolean, origin: ICopyOrigin): void {
    const { subject, document, epoch } = key;
    const { room, room_id, name } = origin;
    this._storage.set(RECORD + this.name(key), {
      subject,
      document,
      epoch,
      unsent,
      room,
      room_id,
      name
    });
  }

  /** The copies of a user, or of one document of a user. */
  list(subject: string, document?: string): ICopyRecord[] {
    return this._storage
      .keys(RECORD)
      .map(key => this._storage.get(key) as ICopyRecord | null)
      .filter(
        (record): record is ICopyRecord =>
          record?.subject === subject &&
          (document === undefined || record.document === document)
      );
  }

  /**
   * Open the copy of a document and load it into `doc`.
   *
   * Resolves when it is loaded, when there can be none here, or when it takes
   * too long: longer if it holds what nobody else has. A late copy is merged
   * when it comes.
   */
  async open(key: ICopyKey, doc: Y.Doc, timeout = COPY_TIMEOUT): Promise<Copy> {
    const copy = new Copy(this.name(key), doc, this._works());
    await within(copy.opened, timeout);
    return copy;
  }

  /** Delete a copy and forget it. */
  async remove(key: ICopyKey): Promise<void> {
    this._storage.remove(RECORD + this.name(key));
    if (await within(this._works(), COPY_TIMEOUT)) {
      await idb.deleteDB(this.name(key)).catch(() => undefined);
    }
  }

  /** Delete all copies of a user: they sign out. */
  async removeAll(subject: string): Promise<void> {
    await Promise.all(this.list(subject).map(record => this.remove(record)));
  }

  /**
   * Whether IndexedDB opens here at all. y-indexeddb never says; a database
   * that fails to open would leave it waiting for ever.
   */
  private _works(): Promise<boolean> {
    this._probe ??= new Promise<boolean>(resolve => {
      try {
        const request = indexedDB.open(`${this._storage.prefix}probe`);
        request.onsuccess = () => {
          request.result.close();
          resolve(true);
        };
        request.onerror = () => resolve(false);
      } catch {
        resolve(false);
      }
    });
    return this._probe;
  }

  private _probe: Promise<boolean> | null = null;
}

/** One open copy. */
export class Copy {
  constructor(
    name: string,
    private readonly _doc: Y.Doc,
    works: Promise<boolean>
  ) {
    this.opened = this._open(name, works);
    this._timer = setTimeout(() => {
      this._isLate = true;
      this.onChange?.();
    }, LATE_AFTER);
  }

  /** Resolves when the copy is in the document, or can never be. */
  readonly opened: Promise<void>;

  /** Called when it is loaded late, is awaited no more, or a write fails. */
  onChange: (() => void) | null = null;

  /** What can be said of it. */
  get state(): CopyState {
    if (this._failed) {
      return 'unavailable';
    }
    return this._loaded ? 'stored' : this._isLate ? 'unavailable' : 'off';
  }

  /** Whether what it holds is in the document. */
  get isLoaded(): boolean {
    return this._loaded;
  }

  dispose(): void {
    this._disposed = true;
    clearTimeout(this._timer);
    if (this._write) {
      this._doc.off('update', this._write);
    }
    void this._persistence?.destroy().catch(() => undefined);
  }

  private async _open(name: string, works: Promise<boolean>): Promise<void> {
    if (!(await works)) {
      this._fail();
      return;
    }
    if (this._disposed) {
      return;
    }
    const persistence = new IndexeddbPersistence(name, this._doc);
    this._persistence = persistence;
    this._guardWrites(persistence);
    await new Promise(resolve => persistence.once('synced', resolve));
    this._loaded = true;
    this.onChange?.();
  }

  /**
   * y-indexeddb stores each update and drops the promise: a full disk would
   * go unnoticed. The same write, with somebody who looks.
   */
  private _guardWrites(outer: IndexeddbPersistence): void {
    const persistence = outer as unknown as IInnards;
    this._doc.off('update', persistence._storeUpdate);
    this._write = (update, origin) => {
      if (!persistence.db || origin === persistence) {
        return;
      }
      try {
        for (const store of idb.transact(persistence.db, ['updates'])) {
          idb
            .addAutoKey(store, update as unknown as ArrayBuffer)
            .catch(this._fail);
        }
      } catch {
        this._fail();
        return;
      }
      if (++persistence._dbsize >= UPDATES_BEFORE_TRIM) {
        clearTimeout(persistence._storeTimeoutId ?? undefined);
        persistence._storeTimeoutId = setTimeout(() => {
          persistence._storeTimeoutId = null;
          storeState(outer, false).catch(this._fail);
        }, persistence._storeTimeout);
      }
    };
    this._doc.on('update', this._write);
  }

  private _fail = (): void => {
    if (!this._failed) {
      this._failed = true;
      this.onChange?.();
    }
  };

  private _disposed = false;
  private _failed = false;
  private _isLate = false;
  private _loaded = false;
  private _persistence: IndexeddbPersistence | null = null;
  private readonly _timer: ReturnType<typeof setTimeout>;
  private _write: ((update: Uint8Array, origin: unknown) => void) | null = null;
}

/** What y-indexeddb 9 keeps to itself and `_guardWrites` needs. */
interface IInnards {
  db: IDBDatabase | null;
  _dbsize: number;
  _storeTimeout: number;
  _storeTimeoutId: ReturnType<typeof setTimeout> | null;
  _storeUpdate: (update: Uint8Array, origin: unknown) => void;
}

/** The promise's value, or `null` when it takes longer than `ms`. */
function within<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve(null), ms);
    promise.then(
      value => {
        clearTimeout(timer);
        resolve(value);
      },
      () => {
        clearTimeout(timer);
        resolve(null);
      }
    );
  });
}

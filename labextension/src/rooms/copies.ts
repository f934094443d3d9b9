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
import type { CopyState } from './status';
import type { BrowserStorage } from './storage';

/** Whose copy, of what. */
export interface ICopyKey {
  subject: string;
  document: string;
  epoch: number;
}

/** What is remembered beside a copy. */
export interface ICopyRecord extends ICopyKey {
  unsent: boolean;
}

/** How long a document waits for its copy. */
export const COPY_TIMEOUT = 1000;

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
  mark(key: ICopyKey, unsent: boolean): void {
    const { subject, document, epoch } = key;
    this._storage.set(RECORD + this.name(key), {
      subject,
      document,
      epoch,
      unsent
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
   * @returns The open copy, or `null` when there can be none here.
   */
  async open(
    key: ICopyKey,
    doc: Y.Doc,
    timeout = COPY_TIMEOUT
  ): Promise<Copy | null> {
    const deadline = Date.now() + timeout;
    if (!(await within(this._works(), timeout))) {
      return null;
    }
    const copy = new Copy(this.name(key), doc);
    const loaded = await within(
      copy.loaded,
      Math.max(50, deadline - Date.now())
    );
    if (!loaded) {
      copy.dispose();
      return null;
    }
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

/** One open copy. Its persistence is the origin of what it loads. */
export class Copy {
  constructor(name: string, doc: Y.Doc) {
    this.persistence = new IndexeddbPersistence(name, doc);
    this.loaded = new Promise(resolve => {
      this.persistence.on('synced', () => resolve(true));
    });
    this._guardWrites(doc);
  }

  readonly persistence: IndexeddbPersistence;

  /** Resolves with `true` once the copy is in the document. */
  readonly loaded: Promise<boolean>;

  /** Called once, when a write fails: from then on edits are not kept. */
  onFailure: (() => void) | null = null;

  /** Whether writes succeed, as far as is known. */
  get works(): boolean {
    return !this._failed;
  }

  dispose(): void {
    this._doc.off('update', this._write);
    void this.persistence.destroy().catch(() => undefined);
  }

  /**
   * y-indexeddb stores each update and drops the promise: a full disk would
   * go unnoticed. The same write, with somebody who looks.
   */
  private _guardWrites(doc: Y.Doc): void {
    const persistence = this.persistence as unknown as IInnards;
    doc.off('update', persistence._storeUpdate);
    this._doc = doc;
    this._write = (update, origin) => {
      if (!persistence.db || origin === persistence) {
        return;
      }
      try {
        const [store] = idb.transact(persistence.db, ['updates']);
        idb
          .addAutoKey(store, update as unknown as ArrayBuffer)
          .catch(this._fail);
      } catch {
        this._fail();
        return;
      }
      if (++persistence._dbsize >= UPDATES_BEFORE_TRIM) {
        clearTimeout(persistence._storeTimeoutId ?? undefined);
        persistence._storeTimeoutId = setTimeout(() => {
          persistence._storeTimeoutId = null;
          storeState(this.persistence, false).catch(this._fail);
        }, persistence._storeTimeout);
      }
    };
    doc.on('update', this._write);
  }

  private _fail = (): void => {
    if (!this._failed) {
      this._failed = true;
      this.onFailure?.();
    }
  };

  private _doc!: Y.Doc;
  private _write!: (update: Uint8Array, origin: unknown) => void;
  private _failed = false;
}

/** What can be said of a copy that was opened, or was to be. */
export function copyState(copy: Copy | null, wanted: boolean): CopyState {
  return copy?.works ? 'kept' : wanted ? 'impossible' : 'off';
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

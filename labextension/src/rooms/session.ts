/**
 * One open document: its shared model, local copy and live connection.
 *
 * The model exists at once (Lab's Context wants it synchronously), the rest
 * follows: who am I → which document is at this path → local copy → connect.
 * `ready` means that the text is the document's: synced with the server, or
 * the local copy while the server is away. Without either it waits and tries
 * again; nothing has to be pressed when the server comes back.
 */
import { PromiseDelegate } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import * as Y from 'yjs';
import type { IDocument } from './api';
import { isUnreachable } from './api';
import type { IEnd } from './phase';
import { Connection } from './connection';
import type { ControlMessage } from './messages';
import type { Copy, ICopyKey } from './copies';
import type { IKeptText, KeptReason } from './kept';
import { parsePath } from './paths';
import { SaveState } from './savestate';
import type { RoomsServices } from './services';
import type { RoomFile } from './sharedmodel';
import type { ISessionStatus } from './status';
import { sameStatus, sessionStatus } from './status';

/** How long the server may take before the local copy is shown instead. */
const COPY_PATIENCE = 3000;
/** An edit that is acknowledged sooner leaves no trace in the tab's title. */
const DIRTY_AFTER = 400;
const FLUSH_TIMEOUT = 5000;
const LONGEST_PAUSE = 5000;

/** The session is over; `kept` is what was set aside, if anything was. */
export interface ISessionEnd extends IEnd {
  kept: IKeptText | null;
}

export class DocumentSession implements IDisposable {
  constructor(
    private readonly _services: RoomsServices,
    public path: string,
    readonly model: RoomFile
  ) {
    // Nobody may be waiting yet when it fails.
    this._ready.promise.catch(() => undefined);
    window.addEventListener('pagehide', this._markCopy);
    this._start();
  }

  /** The document, once the path is resolved. */
  document: IDocument | null = null;

  /** This user deletes it in this page: no news to them. */
  deletedHere = false;

  /** Resolves when the text is the document's. */
  get ready(): Promise<void> {
    return this._ready.promise;
  }

  get status(): ISessionStatus {
    return this._status;
  }

  get statusChanged(): ISignal<this, ISessionStatus> {
    return this._statusChanged;
  }

  /** Control messages, after they were dealt with. */
  get control(): ISignal<this, ControlMessage> {
    return this._control;
  }

  /** The session is over for good. */
  get ended(): ISignal<this, ISessionEnd> {
    return this._ended;
  }

  /** Whether the user may change the text. */
  get writable(): boolean {
    return this._connection?.role !== 'viewer' && !this._connection?.end;
  }

  get connection(): Connection | null {
    return this._connection;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** The path was not there and has been made now. */
  adopt(document: IDocument): void {
    if (!this.document) {
      this._ready = new PromiseDelegate<void>();
      this._ready.promise.catch(() => undefined);
      this._start(document);
    }
  }

  /** Resolves when everything is saved, or nobody is there to save it. */
  flush(): Promise<void> {
    if (this._settled()) {
      return Promise.resolve();
    }
    return new Promise(resolve => {
      const done = () => {
        clearTimeout(timer);
        this._statusChanged.disconnect(check);
        resolve();
      };
      const check = () => {
        if (this._settled()) {
          done();
        }
      };
      const timer = setTimeout(done, FLUSH_TIMEOUT);
      this._statusChanged.connect(check);
    });
  }

  dispose(): void {
    if (this._disposed) {
      return;
    }
    this._markCopy();
    this._disposed = true;
    window.removeEventListener('pagehide', this._markCopy);
    clearTimeout(this._dirtyTimer);
    clearTimeout(this._pause);
    this._connection?.changed.disconnect(this._update, this);
    this._connection?.dispose();
    this._copy?.dispose();
    this._ready.reject(new Error('The document was closed.'));
    Signal.clearData(this);
  }

  private _start(document?: IDocument): void {
    this._attempt(500, document).catch(error => this._ready.reject(error));
  }

  private async _attempt(pause: number, document?: IDocument): Promise<void> {
    try {
      const subject = await this._services.identify();
      const found = document ?? (await this._resolve());
      if (!this._disposed) {
        await this._open(subject, found);
      }
    } catch (error) {
      if (this._disposed || !isUnreachable(error)) {
        throw error;
      }
      this._unreachable = true;
      this._update();
      this._pause = setTimeout(() => {
        this._attempt(Math.min(pause * 2, LONGEST_PAUSE), document).catch(
          reason => this._ready.reject(reason)
        );
      }, pause);
    }
  }

  private async _resolve(): Promise<IDocument> {
    const path = parsePath(this.path);
    if (path.kind !== 'document') {
      throw new Error(`No document can be at ${this.path}.`);
    }
    try {
      return await this._services.document(path.room, path.name);
    } catch (error) {
      const known = this._services.catalogue.document(path.room, path.name);
      if (known && isUnreachable(error)) {
        return known;
      }
      throw error;
    }
  }

  private async _open(subject: string, document: IDocument): Promise<void> {
    const { copies, account } = this._services;
    const key = { subject, document: document.id, epoch: document.epoch };
    this._key = key;
    this.document = document;
    await this._rescueOlder(key);
    await this._services.settled;
    if (this._services.offlineCopies) {
      this._copy = await copies.open(key, this.model.ydoc);
    }
    if (this._disposed) {
      this._copy?.dispose();
      return;
    }
    if (this._copy) {
      this._copy.onFailure = () => this._update();
      if (copies.record(key)?.unsent) {
        this._save.found();
        this._marked = true;
      }
    }
    this._loaded = this.model.ydoc.store.clients.size > 0;
    const connection = new Connection({
      url: this._services.syncUrl,
      document: document.id,
      epoch: document.epoch,
      channel: copies.name(key),
      token: this._services.serverSettings.appendToken
        ? this._services.serverSettings.token
        : '',
      model: this.model,
      save: this._save,
      probe: account.probe
    });
    this._connection = connection;
    connection.control.connect(this._onControl, this);
    connection.changed.connect(this._update, this);
    connection.connect();
    if (this._loaded) {
      setTimeout(() => this._ready.resolve(), COPY_PATIENCE);
    }
    this._update();
  }

  /** Text of a replaced history that never reached the server: set it aside. */
  private async _rescueOlder(key: ICopyKey): Promise<void> {
    const { copies } = this._services;
    for (const record of copies.list(key.subject, key.document)) {
      if (record.epoch === key.epoch) {
        continue;
      }
      if (record.unsent) {
        const doc = new Y.Doc();
        const copy = await copies.open(record, doc);
        const text = doc.getText('source').toString();
        copy?.dispose();
        doc.destroy();
        this._setAside(text, 'replaced');
      }
      await copies.remove(record);
    }
  }

  private _onControl(_: Connection, message: ControlMessage): void {
    const { catalogue } = this._services;
    if (message.type === 'renamed' && this.document) {
      const room = catalogue.roomById(this.document.room_id);
      if (room && room.name !== message.room) {
        catalogue.putRoom({ ...room, name: message.room });
      }
      const { room: roomName, name } = message;
      catalogue.putDocument({ ...this.document, room: roomName, name });
    } else if (message.type === 'denied') {
      // Our document holds a struct that nobody else will ever have: every
      // later edit would wait for it (PROTOCOL A5).
      this._connection?.finish(4403, 'denied');
    }
    this._control.emit(message);
  }

  /** Bring status, dirty mark and memory in line with the facts. */
  private _update(): void {
    if (this._disposed) {
      return;
    }
    const connection = this._connection;
    const phase =
      connection?.phase ?? (this._unreachable ? 'away' : 'connecting');
    const viewer = connection?.role === 'viewer';
    const status = sessionStatus({
      phase,
      end: connection?.end ?? null,
      saved: this._save.saved,
      unsent: this._save.unsent,
      pending: this._save.pending,
      kept: this._save.kept,
      copies: this._copy?.works ?? false,
      trouble: connection?.trouble ?? null,
      viewer
    });
    if (connection) {
      if (phase === 'ended') {
        this._onEnd(connection.end as IEnd);
      } else if (
        phase === 'synced' ||
        (phase !== 'connecting' && this._loaded)
      ) {
        this._ready.resolve();
      }
    }
    this._markDirty(this._save.unsent && !viewer && phase !== 'ended');
    // While all goes well an edit is acknowledged before it is worth noting.
    if (phase !== 'synced' || !this._save.unsent) {
      this._markCopy();
    }
    if (!sameStatus(status, this._status)) {
      this._status = status;
      this._statusChanged.emit(status);
    }
  }

  private _onEnd(end: IEnd): void {
    if (this._over) {
      return;
    }
    this._over = true;
    const reason =
      END_REASONS[end.reason] ?? END_REASONS[end.code] ?? 'replaced';
    const kept = this._save.unsent
      ? this._setAside(this.model.getSource(), reason)
      : null;
    this._copy?.dispose();
    if (this._key) {
      void this._services.copies.remove(this._key);
    }
    this._ready.reject(new Error(end.reason || `Closed (${end.code}).`));
    this._ended.emit({ ...end, kept });
  }

  private _setAside(text: string, reason: KeptReason): IKeptText | null {
    const document = this.document;
    if (!document || text.trim() === '') {
      return null;
    }
    const { id, room, name } = document;
    return this._services.kept.add({ document: id, room, name, text, reason });
  }

  private _markDirty(dirty: boolean): void {
    if (!dirty) {
      clearTimeout(this._dirtyTimer);
      this._dirtyTimer = undefined;
      this.model.roomDoc.setDirty(false);
    } else if (this._dirtyTimer === undefined) {
      this._dirtyTimer = setTimeout(() => {
        this.model.roomDoc.setDirty(true);
        this._markCopy();
      }, DIRTY_AFTER);
    }
  }

  /** Remember beside the copy whether it holds what the server lacks. */
  private _markCopy = (): void => {
    const unsent = this._save.unsent;
    if (this._copy && this._key && !this._over && unsent !== this._marked) {
      this._marked = unsent;
      this._services.copies.mark(this._key, unsent);
    }
  };

  private _settled(): boolean {
    return this._status.kind !== 'saving' && this._status.kind !== 'connecting';
  }

  private _ready = new PromiseDelegate<void>();
  private _connection: Connection | null = null;
  private _copy: Copy | null = null;
  private _key: ICopyKey | null = null;
  private _disposed = false;
  private _loaded = false;
  private _marked: boolean | null = null;
  private _over = false;
  private _unreachable = false;
  private _dirtyTimer: ReturnType<typeof setTimeout> | undefined;
  private _pause: ReturnType<typeof setTimeout> | undefined;
  private readonly _save = new SaveState();
  private _status: ISessionStatus = {
    kind: 'connecting',
    pending: 0,
    kept: false,
    copies: false,
    trouble: null,
    end: null
  };
  private readonly _statusChanged = new Signal<this, ISessionStatus>(this);
  private readonly _control = new Signal<this, ControlMessage>(this);
  private readonly _ended = new Signal<this, ISessionEnd>(this);
}

const END_REASONS: Record<string | number, KeptReason> = {
  denied: 'denied',
  4400: 'malformed',
  4403: 'no-access',
  4404: 'deleted',
  4409: 'replaced',
  4413: 'too-large'
};

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
import { wire } from '../shared/wire';
import type { Copies, Copy, ICopyKey } from '../offline/copies';
import { reasonOf, rescueUnsynced, setAside } from '../offline/rescueunsynced';
import type { SetAsideTexts } from '../offline/setasidetexts';
import type { IDocument } from '../server/api';
import type { IConnectionTarget } from '../server/endpoint';
import { retryWhileUnreachable } from '../server/retry';
import { Connection } from './connection';
import type { ControlMessage } from './messages';
import type { IEnd } from './phase';
import type { Probe } from './reconnecttriggers';
import { SaveState } from './savestate';
import type { RoomFile } from './sharedmodel';
import type { ISessionStatus } from './status';
import { FIRST_STATUS, sameStatus, sessionStatus } from './status';
import { UnsentMarks } from './unsentmarks';

/** How long the server may take before the local copy is shown instead. */
const SERVER_TIMEOUT = 3000;
const FLUSH_TIMEOUT = 5000;

/** What a session needs of those who know the rooms. */
export interface ISessionServices {
  readonly account: { readonly probe: Probe };
  readonly copies: Copies;
  readonly endpoint: { connectionTarget(document: string): IConnectionTarget };
  readonly setAsideTexts: SetAsideTexts;
  /** Whether edits may be kept in this browser, once `settingsRead`. */
  readonly offlineCopies: boolean;
  readonly settingsRead: Promise<void>;
  /** The user's id. */
  identify(): Promise<string>;
  /**
   * Which document is at a path, also while the server is away.
   *
   * @throws When there is none, or nobody can tell.
   */
  resolveDocument(path: string): Promise<IDocument>;
  /** A document, or the room that it is in, has another name. */
  renamed(document: IDocument, room: string, name: string): void;
}

export class DocumentSession implements IDisposable {
  constructor(
    private readonly _services: ISessionServices,
    public path: string,
    readonly model: RoomFile
  ) {
    // Nobody may be waiting yet when it fails.
    this._ready.promise.catch(() => undefined);
    this._marks = new UnsentMarks(model.roomDoc, this._save);
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
  get ended(): ISignal<this, IEnd> {
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
    if (this._isAllSaved()) {
      return Promise.resolve();
    }
    return new Promise(resolve => {
      const done = () => {
        clearTimeout(timer);
        this._statusChanged.disconnect(check);
        resolve();
      };
      const check = () => {
        if (this._isAllSaved()) {
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
    this._marks.persist();
    this._disposed = true;
    this._marks.dispose();
    this._connection?.changed.disconnect(this._update, this);
    this._connection?.dispose();
    this._copy?.dispose();
    this._ready.reject(new Error('The document was closed.'));
    Signal.clearData(this);
  }

  private _start(document?: IDocument): void {
    const open = async () => {
      const subject = await this._services.identify();
      const found =
        document ?? (await this._services.resolveDocument(this.path));
      if (!this._disposed) {
        await this._open(subject, found);
      }
    };
    retryWhileUnreachable(open, {
      isOver: () => this._disposed,
      onAway: () => {
        this._unreachable = true;
        this._update();
      }
    }).catch(error => this._ready.reject(error));
  }

  private async _open(subject: string, document: IDocument): Promise<void> {
    const { copies, account } = this._services;
    const key = { subject, document: document.id, epoch: document.epoch };
    this._key = key;
    this.document = document;
    await rescueUnsynced(this._services, key, document);
    await this._services.settingsRead;
    if (this._services.offlineCopies) {
      const unsent = copies.record(key)?.unsent ?? false;
      this._copy = await copies.open(key, this.model.ydoc);
      if (unsent) {
        this._save.found();
      }
      this._marks.attach(unsent || null, now =>
        copies.mark(key, now, this.document ?? document)
      );
    }
    if (this._disposed) {
      this._copy?.dispose();
      return;
    }
    if (this._copy) {
      this._copy.onChange = () => this._update();
    }
    const connection = new Connection({
      ...this._services.endpoint.connectionTarget(document.id),
      document: document.id,
      epoch: document.epoch,
      channel: copies.name(key),
      model: this.model,
      save: this._save,
      probe: account.probe
    });
    this._connection = connection;
    connection.control.connect(this._onControl, this);
    connection.changed.connect(this._update, this);
    connection.connect();
    if (this._hasText) {
      setTimeout(() => this._ready.resolve(), SERVER_TIMEOUT);
    }
    this._update();
  }

  /** Whether the copy has given the document a text. */
  private get _hasText(): boolean {
    return !!this._copy?.isLoaded && this.model.ydoc.store.clients.size > 0;
  }

  private _onControl(_: Connection, message: ControlMessage): void {
    if (message.type === 'renamed' && this.document) {
      this._services.renamed(this.document, message.room, message.name);
    } else if (message.type === 'denied') {
      // Our document holds a struct that nobody else will ever have: every
      // later edit would wait for it (PROTOCOL A5).
      this._connection?.finish(wire.closeCodes.accessDenied, 'denied');
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
      leftover: this._save.leftover,
      copies: this._copy?.state ?? 'off',
      outage: connection?.outage ?? null,
      viewer
    });
    if (connection) {
      if (phase === 'ended') {
        this._onEnd(connection.end as IEnd);
      } else if (
        phase === 'synced' ||
        (phase !== 'connecting' && this._hasText)
      ) {
        this._ready.resolve();
      }
    }
    this._marks.dirty(this._save.unsent && !viewer && phase !== 'ended');
    // While all goes well an edit is acknowledged before it is worth noting.
    if (phase !== 'synced' || !this._save.unsent) {
      this._marks.persist();
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
    this._marks.detach();
    if (this._save.unsent && this.document) {
      setAside(
        this._services.setAsideTexts,
        this.document,
        this.model.getSource(),
        reasonOf(end)
      );
    }
    this._copy?.dispose();
    if (this._key) {
      void this._services.copies.remove(this._key);
    }
    this._ready.reject(new Error(end.reason || `Closed (${end.code}).`));
    this._ended.emit(end);
  }

  private _isAllSaved(): boolean {
    return this._status.kind !== 'saving' && this._status.kind !== 'connecting';
  }

  private _ready = new PromiseDelegate<void>();
  private _connection: Connection | null = null;
  private _copy: Copy | null = null;
  private _key: ICopyKey | null = null;
  private _disposed = false;
  private readonly _marks: UnsentMarks;
  private _over = false;
  private _unreachable = false;
  private readonly _save = new SaveState();
  private _status = FIRST_STATUS;
  private readonly _statusChanged = new Signal<this, ISessionStatus>(this);
  private readonly _control = new Signal<this, ControlMessage>(this);
  private readonly _ended = new Signal<this, IEnd>(this);
}

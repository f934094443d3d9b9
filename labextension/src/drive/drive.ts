/**
 * The drive `Rooms:`: rooms are folders, documents are files.
 *
 * JupyterLab's contents manager asks it like any other drive; it asks the REST
 * client, and for a document that is open the live session instead: `get`
 * waits for the session and returns no content (the text is in the shared
 * model already; content would make Lab delete and insert it again), `save`
 * waits until everything is acknowledged. `IDrive` is implemented directly: a
 * `Drive` has a provider registry that throws on jupyter-collaboration's id.
 */
import type { Contents, ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import { names } from '../shared/names';
import { byId } from '../server/api';
import { statusOf } from '../server/errors';
import { freeName, sameName, withExtension } from '../server/names';
import { Sessions } from '../sync/sessions';
import { roomModel } from './models';
import { DRIVE, localPathOf, parsePath } from './paths';
import { RoomsReader, refusal } from './reader';
import type { RoomsServices } from './services';
import { forwardSessionEvents } from './sessionevents';
import { FIRST_TEXT, RoomsWriter } from './writer';

const PLANTUML: readonly string[] = names.textExtensions;

export class RoomsDrive implements Contents.IDrive {
  constructor(
    private readonly _services: RoomsServices,
    private readonly _trans: TranslationBundle
  ) {
    this.sessions = new Sessions(_services);
    this.reader = new RoomsReader(_services, this.sessions, _trans);
    const emit = (change: Contents.IChangedArgs) =>
      this._fileChanged.emit(change);
    this.writer = new RoomsWriter(
      {
        services: _services,
        sessions: this.sessions,
        reader: this.reader,
        emit
      },
      _trans
    );
    this.serverSettings = _services.serverSettings;
    forwardSessionEvents(_services, this.sessions, this.reader, emit);
  }

  readonly name = DRIVE;
  readonly serverSettings: ServerConnection.ISettings;

  /** The open documents. */
  readonly sessions: Sessions;

  /** Lists and models. */
  readonly reader: RoomsReader;

  /** What is made and saved. */
  readonly writer: RoomsWriter;

  readonly sharedModelFactory: Contents.ISharedFactory = {
    collaborative: true,
    createNew: options => {
      const path = localPathOf(options.path);
      const isText =
        options.format === 'text' && options.contentType === 'file';
      return path !== null && isText ? this.sessions.open(path) : undefined;
    }
  };

  get fileChanged(): ISignal<this, Contents.IChangedArgs> {
    return this._fileChanged;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      Signal.clearData(this);
    }
  }

  get(
    localPath: string,
    options?: Contents.IFetchOptions
  ): Promise<Contents.IModel> {
    return this.reader.get(localPath, options);
  }

  async getDownloadUrl(localPath: string): Promise<string> {
    const { room, name } = this._documentAt(localPath);
    return this._services.api.sourceUrl(room, name);
  }

  async newUntitled(
    options: Contents.ICreateOptions = {}
  ): Promise<Contents.IModel> {
    const where = parsePath(options.path ?? '');
    if (where.kind === 'root') {
      if (options.type !== 'directory') {
        throw refusal(
          400,
          this._trans.__(
            'Open a room first: diagrams are made inside of a room.'
          )
        );
      }
      const rooms = await this._services.api.rooms();
      return this.writer.createRoom(
        freeName(
          this._trans.__('New room'),
          rooms.map(room => room.name)
        )
      );
    }
    if (where.kind !== 'room' || options.type === 'directory') {
      throw refusal(400, this._trans.__('Rooms hold documents, not folders.'));
    }
    const extension = (options.ext ?? '.puml').replace(/^\.?/, '.');
    if (
      options.type === 'notebook' ||
      !PLANTUML.includes(extension.toLowerCase())
    ) {
      throw refusal(
        400,
        this._trans.__(
          'Rooms hold PlantUML documents; other files belong in your own files.'
        )
      );
    }
    return this.writer.copyInto(
      where.room,
      `${this._trans.__('untitled')}${extension}`,
      FIRST_TEXT
    );
  }

  async delete(localPath: string): Promise<void> {
    const { api, catalogue } = this._services;
    const path = parsePath(localPath);
    if (path.kind === 'room') {
      const room = await this.reader.room(path.room);
      const restore = this._deleting(room.id);
      await api.deleteRoom(byId(room)).catch(restore);
      catalogue.dropRoom(room.id);
    } else {
      const { room, name } = this._documentAt(localPath);
      const document = await this._services.document(room, name);
      const restore = this._deleting(document.id);
      await api
        .deleteDocument(byId({ id: document.room_id }), byId(document))
        .catch(restore);
      catalogue.dropDocument(document.id);
    }
    this._fileChanged.emit({
      type: 'delete',
      oldValue: { path: localPath },
      newValue: null
    });
  }

  async rename(oldPath: string, newPath: string): Promise<Contents.IModel> {
    const { api, catalogue } = this._services;
    const from = parsePath(oldPath);
    const to = parsePath(newPath);
    if (from.kind === 'room' && to.kind === 'room') {
      const room = await this.reader.room(from.room);
      const renamed = await api
        .renameRoom(byId(room), to.room)
        .catch(refuseTaken);
      catalogue.putRoom(renamed);
      return roomModel(renamed);
    }
    if (from.kind !== 'document' || to.kind !== 'document') {
      throw refusal(400, this._trans.__('Rooms cannot be put into rooms.'));
    }
    if (!sameName(from.room, to.room)) {
      throw refusal(
        400,
        this._trans.__('A document stays in its room; use “Copy to Room…”.')
      );
    }
    const document = await this._services.document(from.room, from.name);
    const renamed = await api
      .renameDocument(
        byId({ id: document.room_id }),
        byId(document),
        withExtension(to.name)
      )
      .catch(refuseTaken);
    catalogue.putDocument(renamed);
    return this.reader.model(renamed);
  }

  save(
    localPath: string,
    options: Partial<Contents.IModel> = {}
  ): Promise<Contents.IModel> {
    return this.writer.save(localPath, options);
  }

  async copy(fromPath: string, toDir: string): Promise<Contents.IModel> {
    const from = this._documentAt(fromPath);
    const to = parsePath(toDir);
    if (to.kind !== 'room') {
      throw refusal(400, this._trans.__('A document can only be in a room.'));
    }
    return this.writer.copyInto(to.room, from.name, await this.text(fromPath));
  }

  /** The text of a document: of the open model, else of the server. */
  async text(localPath: string): Promise<string> {
    const session = this.sessions.find(localPath);
    if (session) {
      await session.ready;
      return session.model.getSource();
    }
    const { room, name } = this._documentAt(localPath);
    return this._services.api.source(room, name);
  }

  /** Checkpoints have no meaning here: the history is the document's own. */
  async createCheckpoint(): Promise<Contents.ICheckpointModel> {
    return { id: 'live', last_modified: new Date().toISOString() };
  }

  async listCheckpoints(): Promise<Contents.ICheckpointModel[]> {
    return [];
  }

  async restoreCheckpoint(): Promise<void> {}

  async deleteCheckpoint(): Promise<void> {}

  private _documentAt(localPath: string): { room: string; name: string } {
    const path = parsePath(localPath);
    if (path.kind !== 'document') {
      throw refusal(400, this._trans.__('“%1” is not a document.', localPath));
    }
    return path;
  }

  /** Note that this page deletes a thing; the result undoes it and throws. */
  private _deleting(id: string): (error: unknown) => never {
    const sessions = Array.from(this.sessions).filter(
      ({ document }) => document?.id === id || document?.room_id === id
    );
    sessions.forEach(session => (session.deletedHere = true));
    return error => {
      sessions.forEach(session => (session.deletedHere = false));
      throw error;
    };
  }

  private _disposed = false;
  private readonly _fileChanged = new Signal<this, Contents.IChangedArgs>(this);
}

/**
 * Lab offers to overwrite what has the name (409), which would delete another
 * person's document: a taken name is a mistake like any other.
 */
function refuseTaken(error: unknown): never {
  throw statusOf(error) === 409
    ? refusal(400, (error as Error).message)
    : error;
}

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
import { byId, statusOf } from './api';
import type { Catalogue, IMove } from './catalogue';
import { documentModel, roomModel } from './models';
import {
  allowedName,
  documentPath,
  DRIVE,
  freeName,
  localPathOf,
  parsePath,
  sameName,
  withExtension
} from './paths';
import { RoomsReader, refusal } from './reader';
import type { RoomsServices } from './services';
import type { DocumentSession } from './session';
import { Sessions } from './sessions';
import { Uploads } from './uploads';

/** What a new diagram begins with. */
export const FIRST_TEXT = '@startuml\nAlice -> Bob: Hello\n@enduml\n';

const PLANTUML = /^\.(puml|plantuml|iuml|pu|wsd)$/i;

export class RoomsDrive implements Contents.IDrive {
  constructor(
    private readonly _services: RoomsServices,
    private readonly _trans: TranslationBundle
  ) {
    this.sessions = new Sessions(_services);
    this.reader = new RoomsReader(_services, this.sessions, _trans);
    this.serverSettings = _services.serverSettings;
    this.sessions.added.connect(this._onSession, this);
    _services.catalogue.moved.connect(this._onMoved, this);
  }

  readonly name = DRIVE;
  readonly serverSettings: ServerConnection.ISettings;

  /** The open documents. */
  readonly sessions: Sessions;

  /** Lists and models. */
  readonly reader: RoomsReader;

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
      return this.createRoom(
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
    if (options.type === 'notebook' || !PLANTUML.test(extension)) {
      throw refusal(
        400,
        this._trans.__(
          'Rooms hold PlantUML documents; other files belong in your own files.'
        )
      );
    }
    return this.copyInto(
      where.room,
      `${this._trans.__('untitled')}${extension}`,
      FIRST_TEXT
    );
  }

  /** Make a room. */
  async createRoom(name: string): Promise<Contents.IModel> {
    const room = await this._services.api.createRoom(name);
    this._services.catalogue.putRoom(room);
    const model = roomModel(room);
    this._fileChanged.emit({ type: 'new', oldValue: null, newValue: model });
    return model;
  }

  /** Make a document. */
  async createDocument(
    room: string,
    name: string,
    source: string
  ): Promise<Contents.IModel> {
    const { api, catalogue } = this._services;
    const document = await api.createDocument(
      room,
      withExtension(name),
      source
    );
    catalogue.putDocument(document);
    const model = documentModel(document, true);
    this.sessions.find(model.path)?.adopt(document);
    this._fileChanged.emit({ type: 'new', oldValue: null, newValue: model });
    return model;
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
      const renamed = await api.renameRoom(byId(room), to.room);
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
    const renamed = await api.renameDocument(
      byId({ id: document.room_id }),
      byId(document),
      withExtension(to.name)
    );
    catalogue.putDocument(renamed);
    return this.reader.model(renamed);
  }

  async save(
    localPath: string,
    options: Partial<Contents.IModel> = {}
  ): Promise<Contents.IModel> {
    const path = parsePath(localPath);
    if (path.kind === 'room' && options.type === 'directory') {
      const rooms = await this._services.api.rooms();
      const known = rooms.find(room => sameName(room.name, path.room));
      return known ? roomModel(known) : this.createRoom(path.room);
    }
    if (path.kind !== 'document' || options.type === 'directory') {
      throw refusal(
        400,
        this._trans.__('A document is kept in a room: Rooms:room/name.puml.')
      );
    }
    if (options.type === 'notebook') {
      throw refusal(400, this._trans.__('Notebooks cannot be kept in a room.'));
    }
    const session = this.sessions.find(localPath);
    if (session?.document && options.format !== 'base64') {
      await session.flush();
      return this.reader.model(session.document);
    }
    let text: string | null;
    try {
      text = this._uploads.take(localPath, options);
    } catch {
      throw refusal(
        415,
        this._trans.__(
          '“%1” is not a text: rooms hold PlantUML documents.',
          path.name
        )
      );
    }
    return text === null
      ? partialModel(localPath, path.name)
      : this._write(path.room, path.name, text);
  }

  async copy(fromPath: string, toDir: string): Promise<Contents.IModel> {
    const from = this._documentAt(fromPath);
    const to = parsePath(toDir);
    if (to.kind !== 'room') {
      throw refusal(400, this._trans.__('A document can only be in a room.'));
    }
    return this.copyInto(to.room, from.name, await this.text(fromPath));
  }

  /** Put a text into a room, under a name that is free there. */
  async copyInto(
    roomName: string,
    wanted: string,
    text: string
  ): Promise<Contents.IModel> {
    const room = await this.reader.room(roomName);
    const taken = await this._services.api.documents(byId(room));
    const name = freeName(
      withExtension(allowedName(wanted)),
      taken.map(document => document.name)
    );
    return this.createDocument(room.name, name, text);
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

  private async _write(
    room: string,
    name: string,
    text: string
  ): Promise<Contents.IModel> {
    const { api } = this._services;
    try {
      const document = await this._services.document(room, name);
      await api.putSource(byId({ id: document.room_id }), byId(document), text);
      const model = this.reader.model(document);
      this._fileChanged.emit({ type: 'save', oldValue: null, newValue: model });
      return model;
    } catch (error) {
      if (statusOf(error) !== 404) {
        throw error;
      }
    }
    const model = await this.createDocument(room, name, text);
    // "Save As" waits for this before it opens the new document.
    this._fileChanged.emit({ type: 'save', oldValue: null, newValue: model });
    return model;
  }

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

  private _onSession(_: Sessions, session: DocumentSession): void {
    session.ended.connect((_sender, end) => {
      if (end.code === 4404 && session.document && !session.deletedHere) {
        this._services.catalogue.dropDocument(session.document.id);
        this._fileChanged.emit({
          type: 'delete',
          oldValue: { path: session.path },
          newValue: null
        });
      }
    });
    let told: boolean | null = null;
    session.control.connect((_sender, { type }) => {
      if ((type === 'role' || type === 'hello') && session.document) {
        // Only when it is news: "Save As" takes any save for its own.
        if (told === session.writable) {
          return;
        }
        told = session.writable;
        this._fileChanged.emit({
          type: 'save',
          oldValue: null,
          newValue: this.reader.model(session.document)
        });
      }
    });
  }

  /** Something known has another path: what is open follows by its id. */
  private _onMoved(catalogue: Catalogue, move: IMove): void {
    for (const session of this.sessions) {
      const now =
        session.document && catalogue.documentById(session.document.id);
      if (now) {
        session.document = now;
        session.path = documentPath(now.room, now.name);
      }
    }
    const newValue =
      move.kind === 'room'
        ? roomModel(catalogue.roomById(move.id)!)
        : this.reader.model(catalogue.documentById(move.id)!);
    this._fileChanged.emit({
      type: 'rename',
      oldValue: { path: move.from },
      newValue
    });
  }

  private _disposed = false;
  private readonly _uploads = new Uploads();
  private readonly _fileChanged = new Signal<this, Contents.IChangedArgs>(this);
}

/** What a chunk of an upload is answered with while others are to come. */
function partialModel(path: string, name: string): Contents.IModel {
  const now = new Date().toISOString();
  const times = { created_at: now, updated_at: now, created: now };
  const document = { id: '', name, room: '', room_id: '', epoch: 0, ...times };
  return { ...documentModel(document, true), path, hash: undefined };
}

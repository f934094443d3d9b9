/**
 * What the drive makes and saves: rooms, documents, uploads.
 *
 * The text of an open document is saved by its session; here `save` only waits
 * until all of it is acknowledged. Anything else that is saved to a path makes
 * a document there, or changes it by the least difference.
 */
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { byId } from '../server/api';
import type { IDocument, IRoom } from '../server/api';
import { statusOf } from '../server/errors';
import {
  allowedName,
  freeName,
  sameName,
  withExtension
} from '../server/names';
import type { Sessions } from '../sync/sessions';
import { documentModel, roomModel } from './models';
import { parsePath } from './paths';
import { refusal } from './reader';
import type { RoomsReader } from './reader';
import type { RoomsServices } from './services';
import { Uploads } from './uploads';

/** What a new diagram begins with. */
export const FIRST_TEXT = '@startuml\nAlice -> Bob: Hello\n@enduml\n';

/** The parts of the drive that are needed to write. */
export interface IWriterParts {
  services: RoomsServices;
  sessions: Sessions;
  reader: RoomsReader;
  /** Tell Lab what changed. */
  emit: (change: Contents.IChangedArgs) => void;
}

export class RoomsWriter {
  constructor(
    private readonly _parts: IWriterParts,
    private readonly _trans: TranslationBundle
  ) {}

  /** Make a room. */
  async createRoom(name: string): Promise<Contents.IModel> {
    const room = await this._parts.services.api.createRoom(name);
    this._parts.services.catalogue.putRoom(room);
    const model = roomModel(room);
    this._parts.emit({ type: 'new', oldValue: null, newValue: model });
    return model;
  }

  /** Make a document. */
  async createDocument(
    room: string,
    name: string,
    source: string
  ): Promise<Contents.IModel> {
    const { api, catalogue } = this._parts.services;
    const document = await api.createDocument(
      room,
      withExtension(name),
      source
    );
    catalogue.putDocument(document);
    const model = documentModel(document, true);
    this._parts.sessions.find(model.path)?.adopt(document);
    this._parts.emit({ type: 'new', oldValue: null, newValue: model });
    return model;
  }

  /** A document is there again; its local path. */
  restored(document: IDocument): string {
    this._parts.services.catalogue.putDocument(document);
    const model = documentModel(document, true);
    this._parts.emit({ type: 'new', oldValue: null, newValue: model });
    return model.path;
  }

  /** A room is there again; its local path. */
  restoredRoom(room: IRoom): string {
    this._parts.services.catalogue.putRoom(room);
    const model = roomModel(room);
    this._parts.emit({ type: 'new', oldValue: null, newValue: model });
    return model.path;
  }

  /** Put a text into a room, under a name that is free there. */
  async copyInto(
    roomName: string,
    wanted: string,
    text: string
  ): Promise<Contents.IModel> {
    const room = await this._parts.reader.room(roomName);
    const taken = await this._parts.services.api.documents(byId(room));
    const name = freeName(
      withExtension(allowedName(wanted)),
      taken.map(document => document.name)
    );
    return this.createDocument(room.name, name, text);
  }

  async save(
    localPath: string,
    options: Partial<Contents.IModel> = {}
  ): Promise<Contents.IModel> {
    const path = parsePath(localPath);
    if (path.kind === 'room' && options.type === 'directory') {
      const rooms = await this._parts.services.api.rooms();
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
    const session = this._parts.sessions.find(localPath);
    if (session?.document && options.format !== 'base64') {
      await session.flush();
      return this._parts.reader.model(session.document);
    }
    let text: string | null;
    try {
      text = this._uploads.take(localPath, options);
    } catch {
      throw refusal(
        415,
        path.name.toLowerCase().endsWith('.zip')
          ? this._trans.__(
              'Zip files come in by “Import…” in the menu of the room.'
            )
          : this._trans.__(
              '“%1” is not a text: rooms hold PlantUML documents.',
              path.name
            )
      );
    }
    return text === null
      ? partialModel(localPath, path.name)
      : this._write(path.room, path.name, text);
  }

  private async _write(
    room: string,
    name: string,
    text: string
  ): Promise<Contents.IModel> {
    const { api } = this._parts.services;
    try {
      const document = await this._parts.services.document(room, name);
      await api.putSource(byId({ id: document.room_id }), byId(document), text);
      const model = this._parts.reader.model(document);
      this._parts.emit({ type: 'save', oldValue: null, newValue: model });
      return model;
    } catch (error) {
      if (statusOf(error) !== 404) {
        throw error;
      }
    }
    const model = await this.createDocument(room, name, text);
    // "Save As" waits for this before it opens the new document.
    this._parts.emit({ type: 'save', oldValue: null, newValue: model });
    return model;
  }

  private readonly _uploads = new Uploads();
}

/** What a chunk of an upload is answered with while others are to come. */
function partialModel(path: string, name: string): Contents.IModel {
  const now = new Date().toISOString();
  const times = { created_at: now, updated_at: now, created: now };
  const document = { id: '', name, room: '', room_id: '', epoch: 0, ...times };
  return { ...documentModel(document, true), path, hash: undefined };
}

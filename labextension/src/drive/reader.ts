/**
 * What the drive reads: lists and single models, from the server when it
 * answers and from memory when it does not.
 */
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDocument, IRoom } from '../server/api';
import { byId } from '../server/api';
import { isUnreachable, RoomsError, statusOf } from '../server/errors';
import type { Sessions } from '../sync/sessions';
import { directoryModel, documentModel, roomModel } from './models';
import { parsePath } from './paths';
import type { RoomsServices } from './services';

export class RoomsReader {
  constructor(
    private readonly _services: RoomsServices,
    private readonly _sessions: Sessions,
    private readonly _trans: TranslationBundle
  ) {}

  /** Whether the last list came from the server. */
  get online(): boolean {
    return this._online;
  }

  async get(
    localPath: string,
    options?: Contents.IFetchOptions
  ): Promise<Contents.IModel> {
    const path = parsePath(localPath);
    const content = options?.content !== false;
    switch (path.kind) {
      case 'root':
        return this._rooms(content);
      case 'room':
        return this._room(localPath, path.room, content);
      case 'document':
        return this._document(localPath, path.room, path.name, content);
      case 'beyond':
        throw refusal(
          404,
          this._trans.__('Rooms hold documents, not folders.')
        );
    }
  }

  /** A room by its name, also one that was renamed a moment ago. */
  async room(name: string): Promise<IRoom> {
    const { api, catalogue } = this._services;
    const known = catalogue.room(name);
    let room: IRoom;
    try {
      room = await api.room(name);
    } catch (error) {
      if (isUnreachable(error) && known) {
        return known;
      }
      if (statusOf(error) !== 404 || !known) {
        throw error;
      }
      try {
        room = await api.room(byId(known));
      } catch (second) {
        if (statusOf(second) === 404) {
          catalogue.dropRoom(known.id);
        }
        throw error;
      }
    }
    catalogue.putRoom(room);
    return room;
  }

  /** The contents model of a document, as far as it is known without asking. */
  model(document: IDocument, content: string | null = null): Contents.IModel {
    const session = this._sessions.byId(document.id);
    const writable = session?.connection
      ? session.writable
      : this._services.mayEdit(document.room_id);
    return documentModel(document, writable, content);
  }

  private async _rooms(content: boolean): Promise<Contents.IModel> {
    if (!content) {
      return directoryModel('', '', null, null);
    }
    const { api, catalogue } = this._services;
    await this._remember();
    try {
      catalogue.setRooms(await api.rooms());
      this._online = true;
    } catch (error) {
      this._fallBack(error, catalogue.rooms().length > 0);
    }
    return directoryModel('', '', null, catalogue.rooms().map(roomModel));
  }

  private async _room(
    path: string,
    name: string,
    content: boolean
  ): Promise<Contents.IModel> {
    const { api, catalogue } = this._services;
    await this._remember();
    const room = await this.room(name);
    const writable = room.role !== 'viewer';
    if (!content) {
      return directoryModel(path, room.name, room, null, writable);
    }
    try {
      catalogue.setDocuments(room, await api.documents(byId(room)));
      this._online = true;
    } catch (error) {
      this._fallBack(error, true);
    }
    const models = catalogue
      .documents(room)
      .map(document => this.model(document));
    return directoryModel(path, room.name, room, models, writable);
  }

  private async _document(
    localPath: string,
    room: string,
    name: string,
    content: boolean
  ): Promise<Contents.IModel> {
    const { api, catalogue } = this._services;
    const session = this._sessions.find(localPath);
    if (session && content) {
      await session.ready;
    }
    if (session?.document) {
      return this.model(session.document);
    }
    await this._remember();
    let document: IDocument;
    try {
      document = await this._services.document(room, name);
    } catch (error) {
      const known = catalogue.document(room, name);
      if (content || !known || !isUnreachable(error)) {
        throw this._explained(error, room, name);
      }
      document = known;
    }
    return this.model(
      document,
      content
        ? await api.source(byId({ id: document.room_id }), byId(document))
        : null
    );
  }

  private async _remember(): Promise<void> {
    try {
      await this._services.identify();
    } catch (error) {
      if (!isUnreachable(error)) {
        throw error;
      }
    }
  }

  private _fallBack(error: unknown, known: boolean): void {
    // At a gateway the list says itself why it is empty (`showAccess`).
    const isTold = known || this._services.endpoint.gateway !== null;
    if (!isUnreachable(error) || !isTold) {
      throw error;
    }
    this._online = false;
  }

  private _explained(error: unknown, room: string, name: string): unknown {
    if (statusOf(error) === 404) {
      return refusal(
        404,
        this._trans.__(
          'There is no document “%1” in the room “%2”.',
          name,
          room
        )
      );
    }
    return error;
  }

  private _online = true;
}

/** An error with a sentence, in the shape of a server's answer. */
export function refusal(status: number, message: string): RoomsError {
  return new RoomsError(new Response(null, { status }), 'refused', message);
}

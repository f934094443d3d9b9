/** Rooms as files, and what was deleted, over REST. */
import { byId } from '../server/api';
import type { IDocument, IMe, IRoom } from '../server/api';
import type { Endpoint } from '../server/endpoint';
import { Rest } from '../server/rest';
import { receive } from './receiving';
import type { IProgress } from './receiving';

/** Something deleted, and who did it, where that is known. */
export type Deleted<T> = T & { deleted_by?: string | null };

/** What an export consists of. */
export interface IExportChoice {
  documents: IDocument[];
  /** Some of `puml`, `svg`, `png`. */
  kinds: string[];
}

/** What an import did, as names of documents. */
export interface IImportResult {
  created: string[];
  changed: string[];
  unchanged: string[];
}

export class FilesApi {
  constructor(endpoint: Endpoint) {
    this._rest = new Rest(endpoint);
  }

  me(): Promise<IMe> {
    return this._rest.json<IMe>('GET', 'me');
  }

  deletedRooms(): Promise<Deleted<IRoom>[]> {
    return this._deleted('rooms');
  }

  deletedDocuments(room: IRoom): Promise<Deleted<IDocument>[]> {
    return this._deleted(`${at(room)}/documents`);
  }

  /** Remove something deleted for good. */
  async purgeRoom(room: IRoom): Promise<void> {
    await this._rest.json('POST', `${at(room)}/purge`);
  }

  async purgeDocument(room: IRoom, document: IDocument): Promise<void> {
    const path = `${at(room)}/documents/${byId(document)}/purge`;
    await this._rest.json('POST', path);
  }

  /**
   * The package of a room, as it arrives.
   *
   * @throws Also when the server had to give up midway.
   */
  async export(
    room: IRoom,
    { documents, kinds }: IExportChoice,
    signal: AbortSignal,
    onProgress: (progress: IProgress) => void
  ): Promise<Blob> {
    const query = new URLSearchParams({ kinds: kinds.join(',') });
    for (const document of documents) {
      query.append('document', byId(document));
    }
    const path = `${at(room)}/export?${query.toString()}`;
    const response = await this._rest.request('GET', path, { signal });
    return receive(response, onProgress);
  }

  /** Bring files into a room: all of them or none. */
  async import(
    room: IRoom,
    files: readonly File[],
    signal: AbortSignal
  ): Promise<IImportResult> {
    const body = new FormData();
    for (const file of files) {
      body.append('file', file, file.name);
    }
    const path = `${at(room)}/import`;
    const response = await this._rest.request('POST', path, { body, signal });
    return (await response.json()) as IImportResult;
  }

  private _deleted<T>(path: string): Promise<Deleted<T>[]> {
    return this._rest.all(path, { deleted: 'true' });
  }

  private readonly _rest: Rest;
}

function at(room: IRoom): string {
  return `rooms/${byId(room)}`;
}

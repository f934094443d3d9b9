/** A document's past, over REST. */
import { fromBase64 } from 'lib0/buffer';
import { byId } from '../server/api';
import type { IDocument } from '../server/api';
import type { Endpoint } from '../server/endpoint';
import { Rest } from '../server/rest';
import type { IPage } from '../server/rest';

/** Rows of one author without a long pause. */
export interface IEditSession {
  author: string;
  first: number;
  last: number;
  begin: string;
  end: string;
  /** Bytes of its edits. */
  size: number;
  rows: number;
}

/** A named point. */
export interface IVersion {
  id: string;
  name: string;
  seq: number;
  by: string;
  at: string;
}

/** Who wrote a text: runs in its order, lengths in UTF-16 units. */
export interface IAuthors {
  source: string;
  runs: {
    author: string;
    length: number;
    /** When the last of it came; `null` where that is not known. */
    at: string | null;
  }[];
}

/** What somebody did, between two rows or ever. */
export interface IEdits {
  author: string;
  first?: number;
  last?: number;
}

const STRETCHES = 40;

/** The past of one document. */
export class HistoryApi {
  constructor(endpoint: Endpoint, document: IDocument) {
    this._rest = new Rest(endpoint);
    const room = byId({ id: document.room_id });
    this._path = `rooms/${room}/documents/${byId(document)}`;
  }

  /** Edit sessions, the newest first. */
  timeline(cursor: string | null = null): Promise<IPage<IEditSession>> {
    return this._rest.json('GET', `${this._path}/timeline`, undefined, {
      limit: STRETCHES,
      cursor
    });
  }

  async versions(): Promise<IVersion[]> {
    const path = `${this._path}/versions`;
    return (await this._rest.json<IPage<IVersion>>('GET', path)).items;
  }

  /** The text after a row; the one of now without. */
  source(seq?: number): Promise<string> {
    return this._rest.text(`${this._path}/source`, { at: seq });
  }

  async versionSource(id: string): Promise<string> {
    const path = `${this._path}/versions/${id}`;
    return (await this._rest.json<{ source: string }>('GET', path)).source;
  }

  /** Who wrote the text of now, or of after a row. */
  authors(seq?: number): Promise<IAuthors> {
    const path = `${this._path}/authors`;
    return this._rest.json('GET', path, undefined, { at: seq });
  }

  tag(name: string, seq: number): Promise<IVersion> {
    return this._rest.json('POST', `${this._path}/versions`, { name, seq });
  }

  async restoreVersion(id: string): Promise<void> {
    await this._rest.json('POST', `${this._path}/versions/${id}/restore`);
  }

  async rewind(seq: number): Promise<void> {
    await this._rest.json('POST', `${this._path}/rewind`, { seq });
  }

  /** Take back what somebody did. */
  async rollback(edits: IEdits): Promise<void> {
    await this._rest.json('POST', `${this._path}/rollback`, edits);
  }

  /** The Yjs update that takes back what somebody did; nothing is changed. */
  async rollbackUpdate(edits: IEdits): Promise<Uint8Array> {
    const { update } = await this._rest.json<{ update: string }>(
      'POST',
      `${this._path}/rollback`,
      { ...edits, preview: true }
    );
    return fromBase64(update);
  }

  private readonly _rest: Rest;
  private readonly _path: string;
}

/**
 * The REST client of rooms and documents (`plant-together/api/v1/`).
 *
 * A thin layer: it asks and decides nothing; an error answer is a `RoomsError`. Known things are addressed by
 * id (`~r_…`), because a name may change under way.
 */
import { URLExt } from '@jupyterlab/coreutils';
import { wire } from '../shared/wire';
import type { Endpoint } from './endpoint';
import { RoomsError } from './errors';
import { normalise } from './paths';

/** What a person may do. */
export type Role = (typeof wire.roles)[number];

/** A person as the server stamps it into presence. */
export interface IPresenceUser {
  username: string;
  name: string;
  display_name: string;
  initials: string;
  avatar_url: string | null;
  color: string;
  kind: 'browser' | 'notebook';
}

/** Who I am, to the policy and to others. */
export interface IMe {
  /** The policy's subject: `local` where Jupyter invents its users. */
  subject: string;
  user?: IPresenceUser;
  mode?: string;
  /** Of a hub's single-user server: where the rooms are. */
  gateway_url?: string;
}

/** A room, as REST gives it. */
export interface IRoom {
  id: string;
  name: string;
  private?: boolean;
  description?: string;
  role?: Role;
  created_at: string;
  updated_at: string;
  deleted_at?: string | null;
  documents?: number;
}

/** A document, as REST gives it. */
export interface IDocument {
  id: string;
  name: string;
  room: string;
  room_id: string;
  epoch: number;
  created_at: string;
  updated_at: string;
  deleted_at?: string | null;
}

interface IPage<T> {
  items: T[];
  next: string | null;
}

const LARGEST_PAGE = 200;

export class RoomsApi {
  constructor(private readonly _endpoint: Endpoint) {}

  async me(): Promise<IMe> {
    return (await this._json('GET', 'me')) as IMe;
  }

  rooms(): Promise<IRoom[]> {
    return this._all<IRoom>('rooms');
  }

  async room(room: string): Promise<IRoom> {
    return (await this._json('GET', `rooms/${segment(room)}`)) as IRoom;
  }

  async createRoom(name: string): Promise<IRoom> {
    return (await this._json('POST', 'rooms', {
      name: normalise(name)
    })) as IRoom;
  }

  async renameRoom(room: string, name: string): Promise<IRoom> {
    return (await this._json('PATCH', `rooms/${segment(room)}`, {
      name: normalise(name)
    })) as IRoom;
  }

  async deleteRoom(room: string): Promise<void> {
    await this._request('DELETE', `rooms/${segment(room)}`);
  }

  /** Undo a deletion, under another name where the old one is taken. */
  async restoreRoom(room: string, name?: string): Promise<IRoom> {
    return (await this._json(
      'POST',
      `rooms/${segment(room)}/restore`,
      name === undefined ? {} : { name: normalise(name) }
    )) as IRoom;
  }

  documents(room: string): Promise<IDocument[]> {
    return this._all<IDocument>(`rooms/${segment(room)}/documents`);
  }

  async document(room: string, name: string): Promise<IDocument> {
    return (await this._json('GET', documentUrl(room, name))) as IDocument;
  }

  async createDocument(
    room: string,
    name: string,
    source?: string
  ): Promise<IDocument> {
    const path = `rooms/${segment(room)}/documents`;
    const body = { name: normalise(name), source };
    return (await this._json('POST', path, body)) as IDocument;
  }

  async renameDocument(
    room: string,
    document: string,
    name: string
  ): Promise<IDocument> {
    return (await this._json('PATCH', documentUrl(room, document), {
      name: normalise(name)
    })) as IDocument;
  }

  async deleteDocument(room: string, document: string): Promise<void> {
    await this._request('DELETE', documentUrl(room, document));
  }

  /** Undo a deletion, under another name where the old one is taken. */
  async restoreDocument(
    room: string,
    document: string,
    name?: string
  ): Promise<IDocument> {
    return (await this._json(
      'POST',
      `${documentUrl(room, document)}/restore`,
      name === undefined ? {} : { name: normalise(name) }
    )) as IDocument;
  }

  async source(room: string, document: string): Promise<string> {
    const url = `${documentUrl(room, document)}/source`;
    return (await this._request('GET', url)).text();
  }

  async putSource(room: string, document: string, text: string): Promise<void> {
    await this._request(
      'PUT',
      `${documentUrl(room, document)}/source`,
      text,
      'text/plain; charset=utf-8'
    );
  }

  /** The address of a document's text, for downloads and links. */
  sourceUrl(room: string, document: string): string {
    return this._endpoint.restUrl(`${documentUrl(room, document)}/source`);
  }

  private async _all<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | null = null;
    do {
      const query = URLExt.objectToQueryString({
        limit: LARGEST_PAGE,
        ...(cursor ? { cursor } : {})
      });
      const page = (await this._json('GET', path + query)) as IPage<T>;
      items.push(...page.items);
      cursor = page.next;
    } while (cursor);
    return items;
  }

  private async _json(
    method: string,
    path: string,
    body?: unknown
  ): Promise<unknown> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return (await this._request(method, path, text)).json();
  }

  private async _request(
    method: string,
    path: string,
    body?: string,
    contentType = 'application/json'
  ): Promise<Response> {
    const init: RequestInit = { method };
    if (body !== undefined) {
      init.body = body;
      init.headers = { 'Content-Type': contentType };
    }
    return RoomsError.check(await this._endpoint.request(path, init));
  }
}

function documentUrl(room: string, document: string): string {
  return `rooms/${segment(room)}/documents/${segment(document)}`;
}

/** A path segment: an id as `~id`, a name in NFC and percent-encoded. */
export function segment(nameOrId: string): string {
  return /^~[rd]_[a-z2-7]{26}$/.test(nameOrId)
    ? nameOrId
    : encodeURIComponent(normalise(nameOrId));
}

/** The segment that names a thing by its id. */
export function byId(thing: { id: string }): string {
  return `~${thing.id}`;
}

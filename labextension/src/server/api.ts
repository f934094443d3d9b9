/**
 * The REST client of rooms and documents (`plant-together/api/v1/`).
 *
 * A thin layer: it asks and decides nothing; an error answer is a `RoomsError`. Known things are addressed by
 * id (`~r_…`), because a name may change under way.
 */
import { wire } from '../shared/wire';
import type { Endpoint } from './endpoint';
import { normalise } from './names';
import { Rest } from './rest';

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
  user: IPresenceUser;
  groups: string[];
  /** Whether this server can tell people apart. */
  roles: boolean;
  /** Why it cannot, as a sentence. */
  roles_message: string | null;
  mode: string;
  /** After how many days the server empties its trash (0: never). */
  history_retention: number;
  /** Of a hub's single-user server, which says nothing else of the user. */
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

export class RoomsApi {
  constructor(private readonly _endpoint: Endpoint) {
    this._rest = new Rest(_endpoint);
  }

  me(): Promise<IMe> {
    return this._rest.json('GET', 'me');
  }

  rooms(): Promise<IRoom[]> {
    return this._rest.all('rooms');
  }

  room(room: string): Promise<IRoom> {
    return this._rest.json('GET', `rooms/${segment(room)}`);
  }

  createRoom(name: string): Promise<IRoom> {
    return this._rest.json('POST', 'rooms', {
      name: normalise(name)
    });
  }

  renameRoom(room: string, name: string): Promise<IRoom> {
    return this._rest.json('PATCH', `rooms/${segment(room)}`, {
      name: normalise(name)
    });
  }

  async deleteRoom(room: string): Promise<void> {
    await this._rest.json('DELETE', `rooms/${segment(room)}`);
  }

  /** Undo a deletion, under another name where the old one is taken. */
  restoreRoom(room: string, name?: string): Promise<IRoom> {
    return this._rest.json(
      'POST',
      `rooms/${segment(room)}/restore`,
      name === undefined ? {} : { name: normalise(name) }
    );
  }

  documents(room: string): Promise<IDocument[]> {
    return this._rest.all(`rooms/${segment(room)}/documents`);
  }

  document(room: string, name: string): Promise<IDocument> {
    return this._rest.json('GET', documentUrl(room, name));
  }

  createDocument(
    room: string,
    name: string,
    source?: string
  ): Promise<IDocument> {
    const path = `rooms/${segment(room)}/documents`;
    const body = { name: normalise(name), source };
    return this._rest.json('POST', path, body);
  }

  renameDocument(
    room: string,
    document: string,
    name: string
  ): Promise<IDocument> {
    return this._rest.json('PATCH', documentUrl(room, document), {
      name: normalise(name)
    });
  }

  async deleteDocument(room: string, document: string): Promise<void> {
    await this._rest.json('DELETE', documentUrl(room, document));
  }

  /** Undo a deletion, under another name where the old one is taken. */
  restoreDocument(
    room: string,
    document: string,
    name?: string
  ): Promise<IDocument> {
    return this._rest.json(
      'POST',
      `${documentUrl(room, document)}/restore`,
      name === undefined ? {} : { name: normalise(name) }
    );
  }

  source(room: string, document: string): Promise<string> {
    return this._rest.text(`${documentUrl(room, document)}/source`);
  }

  async putSource(room: string, document: string, text: string): Promise<void> {
    await this._rest.request('PUT', `${documentUrl(room, document)}/source`, {
      body: text,
      type: 'text/plain; charset=utf-8'
    });
  }

  /** The address of a document's text, for downloads and links. */
  sourceUrl(room: string, document: string): string {
    return this._endpoint.restUrl(`${documentUrl(room, document)}/source`);
  }

  private readonly _rest: Rest;
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

/**
 * What is known of rooms and documents, also while the server is away.
 *
 * Every answer of the server passes through here. Documents are kept by id:
 * when one appears under another name, or in a renamed room, the catalogue
 * says so, and whatever is open follows. The last state is remembered in this
 * browser, so that a restored tab finds its document and its local copy
 * without the server.
 */
import type { JSONValue } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import type { BrowserStorage } from '../offline/storage';
import type { IDocument, IRoom } from '../server/api';
import { sameName } from '../server/names';
import { documentPath } from './paths';

/** A room or a document that changed its path. */
export interface IMove {
  kind: 'room' | 'document';
  id: string;
  from: string;
  to: string;
}

const KEY = 'catalogue:';
const REMEMBER_AFTER = 500;

export class Catalogue {
  constructor(private readonly _storage: BrowserStorage) {}

  /** A known room or document has another path now. */
  get moved(): ISignal<this, IMove> {
    return this._moved;
  }

  /** The known rooms by name. */
  rooms(): IRoom[] {
    return Array.from(this._rooms.values());
  }

  room(name: string): IRoom | undefined {
    return this.rooms().find(room => sameName(room.name, name));
  }

  roomById(id: string): IRoom | undefined {
    return this._rooms.get(id);
  }

  documents(room: IRoom): IDocument[] {
    return Array.from(this._documents.values()).filter(
      document => document.room_id === room.id
    );
  }

  document(room: string, name: string): IDocument | undefined {
    const known = this.room(room);
    return known
      ? this.documents(known).find(document => sameName(document.name, name))
      : undefined;
  }

  documentById(id: string): IDocument | undefined {
    return this._documents.get(id);
  }

  /** Load what this user's browser remembers; what is known already stays. */
  recall(subject: string): void {
    if (this._subject === subject) {
      return;
    }
    this._subject = subject;
    const memory = this._storage.get(KEY + subject) as IMemory | null;
    for (const room of memory?.rooms ?? []) {
      if (!this._rooms.has(room.id)) {
        this._rooms.set(room.id, room);
      }
    }
    for (const document of memory?.documents ?? []) {
      if (!this._documents.has(document.id)) {
        this._documents.set(document.id, document);
      }
    }
    this._remember();
  }

  /** Forget, in this browser too: the user signs out. */
  clear(): void {
    clearTimeout(this._timer);
    if (this._subject !== null) {
      this._storage.remove(KEY + this._subject);
    }
    this._subject = null;
    this._rooms.clear();
    this._documents.clear();
  }

  /** The complete list of rooms. */
  setRooms(rooms: IRoom[]): void {
    const ids = new Set(rooms.map(room => room.id));
    for (const id of Array.from(this._rooms.keys())) {
      if (!ids.has(id)) {
        this.dropRoom(id);
      }
    }
    rooms.forEach(room => this.putRoom(room));
  }

  putRoom(room: IRoom): void {
    const old = this._rooms.get(room.id);
    this._rooms.set(room.id, room);
    this._remember();
    if (old && old.name !== room.name) {
      for (const document of this._documents.values()) {
        if (document.room_id === room.id) {
          this._documents.set(document.id, { ...document, room: room.name });
        }
      }
      this._moved.emit({
        kind: 'room',
        id: room.id,
        from: old.name,
        to: room.name
      });
    }
  }

  dropRoom(id: string): void {
    this._rooms.delete(id);
    for (const document of Array.from(this._documents.values())) {
      if (document.room_id === id) {
        this._documents.delete(document.id);
      }
    }
    this._remember();
  }

  /** The complete list of a room's documents. */
  setDocuments(room: IRoom, documents: IDocument[]): void {
    const ids = new Set(documents.map(document => document.id));
    for (const document of this.documents(room)) {
      if (!ids.has(document.id)) {
        this._documents.delete(document.id);
      }
    }
    documents.forEach(document => this.putDocument(document));
    this._remember();
  }

  putDocument(document: IDocument): void {
    const old = this._documents.get(document.id);
    this._documents.set(document.id, document);
    this._remember();
    const from = old && documentPath(old.room, old.name);
    const to = documentPath(document.room, document.name);
    if (from !== undefined && from !== to) {
      this._moved.emit({ kind: 'document', id: document.id, from, to });
    }
  }

  dropDocument(id: string): void {
    this._documents.delete(id);
    this._remember();
  }

  private _remember(): void {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => {
      if (this._subject !== null) {
        const memory: IMemory = {
          rooms: this.rooms(),
          documents: Array.from(this._documents.values())
        };
        this._storage.set(KEY + this._subject, memory as unknown as JSONValue);
      }
    }, REMEMBER_AFTER);
  }

  private _subject: string | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private readonly _rooms = new Map<string, IRoom>();
  private readonly _documents = new Map<string, IDocument>();
  private readonly _moved = new Signal<this, IMove>(this);
}

interface IMemory {
  rooms: IRoom[];
  documents: IDocument[];
}

/**
 * The open documents: one session for each shared model that Lab asked for.
 */
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import { DocumentSession } from './session';
import type { ISessionServices } from './session';
import { RoomFile } from './sharedmodel';

export class Sessions implements Iterable<DocumentSession> {
  constructor(private readonly _services: ISessionServices) {}

  /** A document is being opened. */
  get added(): ISignal<this, DocumentSession> {
    return this._added;
  }

  /** Begin a session for the document at `path` and return its model. */
  open(path: string): RoomFile {
    const model = new RoomFile();
    const session = new DocumentSession(this._services, path, model);
    this._sessions.set(model, session);
    model.disposed.connect(() => {
      this._sessions.delete(model);
      session.dispose();
    });
    this._added.emit(session);
    return model;
  }

  /** The session of a shared model, if it is one of ours. */
  of(model: unknown): DocumentSession | null {
    return model instanceof RoomFile
      ? (this._sessions.get(model) ?? null)
      : null;
  }

  /** An open session at a path. */
  find(path: string): DocumentSession | null {
    for (const session of this) {
      if (session.path === path && session.status.kind !== 'ended') {
        return session;
      }
    }
    return null;
  }

  /** An open session of a document. */
  byId(id: string): DocumentSession | null {
    for (const session of this) {
      if (session.document?.id === id && session.status.kind !== 'ended') {
        return session;
      }
    }
    return null;
  }

  [Symbol.iterator](): Iterator<DocumentSession> {
    return Array.from(this._sessions.values())[Symbol.iterator]();
  }

  private readonly _sessions = new Map<RoomFile, DocumentSession>();
  private readonly _added = new Signal<this, DocumentSession>(this);
}

/**
 * The parts that the drive, its sessions and its plugins share, made once.
 */
import type { ServerConnection, User } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Copies } from '../offline/copies';
import { SetAsideTexts } from '../offline/setasidetexts';
import { BrowserStorage } from '../offline/storage';
import { Account } from '../server/account';
import type { IDocument } from '../server/api';
import { byId, RoomsApi } from '../server/api';
import { Endpoint } from '../server/endpoint';
import { isUnreachable, statusOf } from '../server/errors';
import type { ISessionServices } from '../sync/session';
import { Catalogue } from './catalogue';
import { parsePath } from './paths';

/** What services are made from. */
export interface IServicesOptions {
  serverSettings: ServerConnection.ISettings;
  user: User.IManager;
  trans: TranslationBundle;
}

export class RoomsServices implements ISessionServices {
  constructor({ serverSettings, user, trans }: IServicesOptions) {
    const endpoint = new Endpoint(serverSettings, trans);
    const storage = new BrowserStorage(() => endpoint.name);
    this.endpoint = endpoint;
    this.serverSettings = serverSettings;
    this.api = new RoomsApi(endpoint);
    this.account = new Account(endpoint, this.api, storage, user);
    this.catalogue = new Catalogue(storage);
    this.copies = new Copies(storage);
    this.setAsideTexts = new SetAsideTexts(storage);
  }

  /** The page's own server. */
  readonly serverSettings: ServerConnection.ISettings;

  /** Where the rooms are. */
  readonly endpoint: Endpoint;
  readonly api: RoomsApi;
  readonly account: Account;
  readonly catalogue: Catalogue;
  readonly copies: Copies;
  readonly setAsideTexts: SetAsideTexts;

  /** Whether edits may be kept in this browser (setting `offlineCopies`). */
  offlineCopies = true;

  /** Resolves when the settings are read. */
  settingsRead: Promise<void> = Promise.resolve();

  /** Load what this browser remembers for the user. */
  async identify(): Promise<string> {
    const subject = await this.account.identify();
    this.catalogue.recall(subject);
    this.setAsideTexts.recall(subject);
    return subject;
  }

  /**
   * Ask the server for a document by its path. One that was known here under
   * this path and has moved meanwhile is found by its id.
   */
  async document(room: string, name: string): Promise<IDocument> {
    const known = this.catalogue.document(room, name);
    let document: IDocument;
    try {
      document = await this.api.document(room, name);
    } catch (error) {
      if (statusOf(error) !== 404 || !known) {
        throw error;
      }
      try {
        document = await this.api.document(
          byId({ id: known.room_id }),
          byId(known)
        );
      } catch (second) {
        if (statusOf(second) === 404) {
          this.catalogue.dropDocument(known.id);
        }
        throw error;
      }
    }
    this.catalogue.putDocument(document);
    return document;
  }

  /**
   * Which document is at a path: asked, or remembered while the server is away.
   *
   * @throws When there is none, or when the server gives no answer and nothing
   * is remembered of it.
   */
  async resolveDocument(path: string): Promise<IDocument> {
    const parsed = parsePath(path);
    if (parsed.kind !== 'document') {
      throw new Error(`No document can be at ${path}.`);
    }
    try {
      return await this.document(parsed.room, parsed.name);
    } catch (error) {
      const known = this.catalogue.document(parsed.room, parsed.name);
      if (known && isUnreachable(error)) {
        return known;
      }
      throw error;
    }
  }

  /** A document, or the room that it is in, has another name. */
  renamed(document: IDocument, room: string, name: string): void {
    const known = this.catalogue.roomById(document.room_id);
    if (known && known.name !== room) {
      this.catalogue.putRoom({ ...known, name: room });
    }
    this.catalogue.putDocument({ ...document, room, name });
  }

  /** Whether this user may change what is in a room. */
  mayEdit(roomId: string): boolean {
    return this.catalogue.roomById(roomId)?.role !== 'viewer';
  }

  /** Leave nothing in this browser: the user signs out. */
  async signOut(): Promise<void> {
    const subject = this.account.subject;
    this.catalogue.clear();
    this.setAsideTexts.clear();
    if (subject !== null) {
      await this.copies.removeAll(subject);
    }
  }
}

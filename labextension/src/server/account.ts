/**
 * Whose browser this is.
 *
 * The names of local copies contain the user's id (PROTOCOL E3), so it must be
 * known before a copy opens, also while the server part is away. `GET me`
 * tells the policy's subject; it is remembered under the name by which Jupyter
 * itself knows the user, so that one user's memory is never taken for
 * another's who signed in later in the same browser.
 */
import type { User } from '@jupyterlab/services';
import type { BrowserStorage } from '../offline/storage';
import type { IMe, RoomsApi } from './api';
import type { Endpoint } from './endpoint';
import { isUnreachable, statusOf } from './errors';

/** Whether the server part is there, once somebody has asked. */
export type ServerPart = 'unknown' | 'present' | 'absent';

const USER_TIMEOUT = 2000;

export class Account {
  constructor(
    private readonly _endpoint: Endpoint,
    private readonly _api: RoomsApi,
    private readonly _storage: BrowserStorage,
    private readonly _user: User.IManager
  ) {}

  /** Whether the Jupyter server has our server part. */
  get serverPart(): ServerPart {
    return this._serverPart;
  }

  /** The policy's subject, once known. */
  get subject(): string | null {
    return this._subject;
  }

  /**
   * The policy's subject: asked once, else as remembered.
   *
   * @throws When the server gives no answer and nothing is remembered.
   */
  async identify(): Promise<string> {
    if (this._subject !== null) {
      return this._subject;
    }
    try {
      return await this._ask();
    } catch (error) {
      if (!isUnreachable(error)) {
        throw error;
      }
      const remembered = this._storage.get<string>(await this._key());
      if (remembered === null) {
        throw error;
      }
      return remembered;
    }
  }

  /** Whether this browser is signed in, and the server part there. */
  probe = async (): Promise<'ok' | 'signed-out' | 'away'> => {
    try {
      await this._ask();
      return 'ok';
    } catch (error) {
      const status = statusOf(error);
      return status === 401 || status === 403 ? 'signed-out' : 'away';
    }
  };

  private async _ask(): Promise<string> {
    let me: IMe;
    try {
      me = await this._api.me();
      if (me.mode === 'remote' && me.gateway_url) {
        this._endpoint.moveTo(me.gateway_url);
        me = await this._api.me();
      }
    } catch (error) {
      if (statusOf(error) === 404 && !this._endpoint.gateway) {
        this._serverPart = 'absent';
      }
      throw error;
    }
    this._serverPart = 'present';
    this._subject = me.subject;
    this._storage.set(await this._key(), me.subject);
    return me.subject;
  }

  private async _key(): Promise<string> {
    // The user manager asks Jupyter itself, which may be away as well.
    await Promise.race([
      this._user.ready,
      new Promise(resolve => setTimeout(resolve, USER_TIMEOUT))
    ]).catch(() => undefined);
    return `subject:${this._user.identity?.username ?? ''}`;
  }

  private _serverPart: ServerPart = 'unknown';
  private _subject: string | null = null;
}

/**
 * Requests to a hub's gateway, and being let in there.
 *
 * Cookies say who asks, and an XSRF token, which the gateway's sign-in page
 * told, says that our page asks; Jupyter's own token stays at its server. A
 * request without a token that holds first signs in by a hidden frame, once
 * for all that wait. What cannot be done so ends in a state of `access` and an
 * error with its sentence. While a state is bad the gateway is asked again now
 * and then, and when the user comes back to the window.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import { accessText } from './access';
import type { Access } from './access';
import { CLOSED, RoomsError } from './errors';
import type { ISignedIn, ISignIn } from './signin';

/** How long after a sign-in that failed the frame is not tried again. */
const REST = 30_000;
const ASK_AGAIN: Partial<Record<Access, number>> = {
  unreachable: 4000,
  'hub-away': 4000,
  refused: 60_000
};
const STATUS = {
  'sign-in': 401,
  refused: 403,
  'hub-away': 503,
  unreachable: 503
};

/** The states in which nothing can be asked. */
type Closed = keyof typeof STATUS;

export class Gateway {
  /** @param url Its address, with a slash at the end. */
  constructor(
    readonly url: string,
    private readonly _signIn: ISignIn,
    private readonly _trans: TranslationBundle
  ) {
    window.addEventListener('focus', this._onFocus);
    window.addEventListener('online', this._onFocus);
  }

  get access(): Access {
    return this._access;
  }

  /** `access` is another one. */
  get changed(): ISignal<this, Access> {
    return this._changed;
  }

  /** The address of a REST call. */
  restUrl(path: string): string {
    return `${this.url}plant-together/api/v1/${path}`;
  }

  /**
   * Ask the gateway.
   *
   * @throws RoomsError Where we are not let in, with a sentence.
   */
  async request(path: string, init: RequestInit = {}): Promise<Response> {
    await this._enter();
    const used = this._xsrf;
    let response = await this._fetch(path, init);
    // To a token that no longer holds the answer is 401 or 403, as it is to
    // whom the policy refuses: `me` can tell.
    if (
      response.status === 401 ||
      (isClosed(response.status) && (await this._look()) === 'stale')
    ) {
      this._drop(used);
      await this._enter();
      response = await this._fetch(path, init);
    }
    if (response.ok) {
      this._set('ok');
    }
    return response;
  }

  /** Something that opens a WebSocket once. */
  async ticket(document: string): Promise<string> {
    const asked = await this.request('tickets', {
      method: 'POST',
      body: JSON.stringify({ document }),
      headers: { 'Content-Type': 'application/json' }
    });
    const answer = await RoomsError.check(asked);
    return ((await answer.json()) as { ticket: string }).ticket;
  }

  /** Sign in by a window; to be called when the user has pressed something. */
  async signIn(): Promise<boolean> {
    const told = await this._signIn.byWindow(this._page);
    try {
      if (told) {
        await this._admit(told);
      } else {
        this._restUntil = 0; // Perhaps they signed in elsewhere.
        await this._enter();
      }
    } catch {
      return false; // `access` says why.
    }
    return true;
  }

  dispose(): void {
    clearTimeout(this._timer);
    window.removeEventListener('focus', this._onFocus);
    window.removeEventListener('online', this._onFocus);
    Signal.clearData(this);
  }

  private get _page(): string {
    return `${this.url}plant-together/signin`;
  }

  /** Have a token: the one there is, else by the hidden frame. */
  private async _enter(): Promise<void> {
    if (this._xsrf === null) {
      this._entering ??= this._enterByFrame().finally(() => {
        this._entering = null;
      });
      await this._entering;
    }
  }

  private async _enterByFrame(): Promise<void> {
    if (Date.now() < this._restUntil) {
      throw this._closed('sign-in');
    }
    // A frame in which nothing arrives could not tell why.
    const { status } = await this._fetch('me');
    if (status === 503) {
      throw this._closed('hub-away');
    }
    const told = await this._signIn.byFrame(this._page);
    if (!told) {
      this._restUntil = Date.now() + REST;
      throw this._closed('sign-in');
    }
    await this._admit(told);
  }

  private async _admit({ xsrf }: ISignedIn): Promise<void> {
    this._xsrf = xsrf;
    this._restUntil = 0;
    if ((await this._look()) === 'stale') {
      // Signed in, and unknown again: the browser keeps no cookies for it.
      this._drop(xsrf);
      this._restUntil = Date.now() + REST;
      throw this._closed('sign-in');
    }
  }

  /**
   * Ask who we are.
   *
   * @throws RoomsError Where we are refused, or the hub is away.
   */
  private async _look(): Promise<'ok' | 'stale'> {
    const { status } = await this._fetch('me');
    if (status === 401) {
      return 'stale';
    }
    if (status === 403 || status === 503) {
      throw this._closed(status === 403 ? 'refused' : 'hub-away');
    }
    this._set('ok');
    return 'ok';
  }

  private async _fetch(
    path: string,
    init: RequestInit = {}
  ): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this._xsrf !== null) {
      headers.set('X-XSRFToken', this._xsrf);
    }
    let response: Response;
    try {
      response = await fetch(this.restUrl(path), {
        cache: 'no-store',
        ...init,
        headers,
        credentials: 'include'
      });
    } catch (error) {
      if (init.signal?.aborted) {
        throw error; // by ourselves
      }
      throw this._closed('unreachable');
    }
    // What the proxy says in its stead: all of the gateway's errors are JSON.
    const type = response.headers.get('Content-Type') ?? '';
    if (response.status >= 404 && !type.includes('json')) {
      throw this._closed('unreachable');
    }
    return response;
  }

  private _drop(xsrf: string | null): void {
    if (this._xsrf === xsrf) {
      this._xsrf = null;
    }
  }

  private _closed(access: Closed): RoomsError {
    this._set(access);
    const message = accessText(access, this._trans)?.detail ?? '';
    const response = new Response(null, { status: STATUS[access] });
    return new RoomsError(response, `${CLOSED}${access}`, message);
  }

  private _set(access: Access): void {
    clearTimeout(this._timer);
    const pause = ASK_AGAIN[access];
    if (pause !== undefined) {
      this._timer = setTimeout(this._again, pause);
    }
    if (access !== this._access) {
      this._access = access;
      this._changed.emit(access);
    }
  }

  private _onFocus = (): void => {
    if (this._access !== 'ok' && this._access !== 'unknown') {
      this._restUntil = 0;
      this._again();
    }
  };

  private _again = (): void => {
    this.request('me').catch(() => undefined); // `access` says why.
  };

  private _access: Access = 'unknown';
  private _xsrf: string | null = null;
  private _entering: Promise<void> | null = null;
  private _restUntil = 0;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private readonly _changed = new Signal<this, Access>(this);
}

function isClosed(status: number): boolean {
  return status === 403 || status === 503;
}

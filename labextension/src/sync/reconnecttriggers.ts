/**
 * When a lost connection should be tried at once, and whether it can be.
 *
 * The network is back, the window is looked at again: no reason to sit out the
 * pause. A refused upgrade is 1006 in a browser, like any failure; only a
 * question to the REST interface tells "signed out" from "server away", and it
 * is put at most every few seconds.
 */

import type { ISignal } from '@lumino/signaling';

/** Whether this browser is still signed in, and the server there. */
export type Probe = () => Promise<'ok' | 'signed-out' | 'away'>;

export interface IReconnectOptions {
  probe: Probe;
  /** We are let in where the rooms are. */
  admitted?: ISignal<unknown, void>;
  /** Try to connect now. */
  wake: () => void;
  /** The page goes away for good. */
  leave: () => void;
}

const INTERVAL = 5000;

export class ReconnectTriggers {
  constructor(private readonly _options: IReconnectOptions) {
    window.addEventListener('online', this._options.wake);
    window.addEventListener('focus', this._onFocus);
    window.addEventListener('pagehide', this._onPageHide);
    _options.admitted?.connect(this._options.wake);
  }

  /** No use in trying until a sign-in in another window is seen. */
  isSignedOut = false;

  dispose(): void {
    this._disposed = true;
    window.removeEventListener('online', this._options.wake);
    window.removeEventListener('focus', this._onFocus);
    window.removeEventListener('pagehide', this._onPageHide);
    this._options.admitted?.disconnect(this._options.wake);
  }

  /** A connection failed before it opened: tell if it is for lack of sign-in. */
  ask(onSignedOut: () => void): void {
    const now = Date.now();
    if (now - this._askedAt < INTERVAL) {
      return;
    }
    this._askedAt = now;
    void this._options.probe().then(answer => {
      if (answer === 'signed-out' && !this._disposed) {
        onSignedOut();
      }
    });
  }

  private _onFocus = (): void => {
    if (this.isSignedOut) {
      void this._options.probe().then(answer => {
        if (answer === 'ok' && !this._disposed) {
          this._options.wake();
        }
      });
    }
  };

  private _onPageHide = (event: PageTransitionEvent): void => {
    if (!event.persisted) {
      this._options.leave();
    }
  };

  private _askedAt = 0;
  private _disposed = false;
}

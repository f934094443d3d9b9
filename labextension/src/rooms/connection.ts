/**
 * One document's live connection: y-websocket's provider and what it lacks.
 *
 * The provider speaks the sync protocol, reconnects and joins the tabs of this
 * browser through BroadcastChannel. Added here: control messages (message type
 * 100: hello, ack, role, denied, renamed, reset), the count of frames that
 * acks refer to (PROTOCOL A1), the check of the epoch before anything of ours
 * could merge (E2), a probe that tells "signed out" from "server away" after a
 * refused upgrade, which a browser reports as 1006 like any other failure.
 */
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import * as decoding from 'lib0/decoding';
import type * as encoding from 'lib0/encoding';
import { IndexeddbPersistence } from 'y-indexeddb';
import { WebsocketProvider } from 'y-websocket';
import type { IPresenceUser, Role } from './api';
import { countingWebSocket } from './frames';
import type { SaveState } from './savestate';
import type { RoomFile } from './sharedmodel';

/** The message type of control messages. */
export const MESSAGE_CONTROL = 100;

/** The close code of a history that was replaced. */
export const CLOSE_EPOCH = 4409;

/** What the server tells those who ask for it. */
export type ControlMessage =
  | {
      type: 'hello';
      document: string;
      epoch: number;
      role: Role;
      session: string;
      room?: string;
      room_id?: string;
      name?: string;
      user?: IPresenceUser;
    }
  | { type: 'ack'; count: number }
  | { type: 'role'; role: Role }
  | { type: 'denied'; count: number; reason: string }
  | { type: 'renamed'; room: string; name: string }
  | { type: 'reset'; epoch: number }
  /** The server cannot write, and says why; `null` when it can again. */
  | { type: 'trouble'; message: string | null };

/** Where a connection stands. */
export type Phase =
  /** Not yet known whether the server answers. */
  | 'connecting'
  /** Open; the server's content is here. */
  | 'synced'
  /** Nobody answers; the provider goes on trying. */
  | 'away'
  /** The sign-in has lapsed: no use in trying before it is renewed. */
  | 'signed-out'
  /** Over for good, see `ended`. */
  | 'ended';

/** Why a connection is over: one of the 44xx codes. */
export interface IEnd {
  code: number;
  reason: string;
}

/** Whether this browser is still signed in, and the server there. */
export type Probe = () => Promise<'ok' | 'signed-out' | 'away'>;

export interface IConnectionOptions {
  /** `wss://host/base/plant-together/sync` */
  url: string;
  document: string;
  epoch: number;
  /** The name of the BroadcastChannel (PROTOCOL E3). */
  channel: string;
  /** Jupyter's token, when the page has one. */
  token: string;
  model: RoomFile;
  save: SaveState;
  probe: Probe;
}

const PROBE_INTERVAL = 5000;

export class Connection {
  constructor(private readonly _options: IConnectionOptions) {
    const { model, save, url, document, channel, token } = _options;
    // Registered before the provider's own handler: an edit is noted before
    // the frame that carries it is counted.
    model.ydoc.on('update', this._onUpdate);
    const provider = new WebsocketProvider(url, document, model.ydoc, {
      connect: false,
      awareness: model.awareness,
      params: { control: '1', ...(token ? { token } : {}) },
      maxBackoffTime: 3000 + Math.random() * 2000,
      WebSocketPolyfill: countingWebSocket((socket, kind) => {
        if (socket === this.provider.ws) {
          save.frame(kind);
          this._changed.emit();
        }
      })
    });
    provider.bcChannel = channel;
    this.provider = provider;
    this._handleMessages();
    provider.on('status', this._onStatus);
    provider.on('sync', this._onSync);
    provider.on('connection-close', this._onClose);
    provider.on('closed', this._onClosed);
    window.addEventListener('online', this.retry);
    window.addEventListener('focus', this._onFocus);
    window.addEventListener('pagehide', this._onPageHide);
  }

  readonly provider: WebsocketProvider;

  /** Where the connection stands. */
  get phase(): Phase {
    return this._phase;
  }

  /** Why it is over, once it is. */
  get end(): IEnd | null {
    return this._end;
  }

  /** The role that the server gave; `editor` until it says. */
  get role(): Role {
    return this._role;
  }

  /** Why the server cannot save just now, in its own words. */
  get trouble(): string | null {
    return this._trouble;
  }

  /** Something that a status could show has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** A control message came, after it was dealt with here. */
  get control(): ISignal<this, ControlMessage> {
    return this._control;
  }

  connect(): void {
    if (!this._disposed && this._phase !== 'ended') {
      this.provider.connect();
    }
  }

  /** Try again at once. */
  retry = (): void => {
    if (!this.provider.wsconnected && !this.provider.wsconnecting) {
      if (this._phase === 'signed-out') {
        this._phase = 'away';
      }
      this.connect();
    }
  };

  /** End it from this side, as if the server had closed with `code`. */
  finish(code: number, reason: string): void {
    if (this._phase === 'ended') {
      return;
    }
    this._phase = 'ended';
    this._end = { code, reason };
    // It would stay on the channel, and pass on what must not merge.
    this.provider.disconnect();
    this._changed.emit();
  }

  dispose(): void {
    if (this._disposed) {
      return;
    }
    this._disposed = true;
    window.removeEventListener('online', this.retry);
    window.removeEventListener('focus', this._onFocus);
    window.removeEventListener('pagehide', this._onPageHide);
    this._options.model.ydoc.off('update', this._onUpdate);
    this.provider.destroy();
    Signal.clearData(this);
  }

  private _handleMessages(): void {
    const handlers = this.provider.messageHandlers as MessageHandler[];
    const sync = handlers[0];
    handlers[0] = (encoder, decoder, provider, emitSynced, type) => {
      this._fromChannel = !emitSynced;
      try {
        sync(encoder, decoder, provider, emitSynced, type);
      } finally {
        this._fromChannel = false;
      }
    };
    handlers[MESSAGE_CONTROL] = (_encoder, decoder, _provider, emitSynced) => {
      const text = decoding.readVarString(decoder);
      if (!emitSynced) {
        return; // By BroadcastChannel: the server speaks to one socket only.
      }
      try {
        this._onControl(JSON.parse(text) as ControlMessage);
      } catch (error) {
        console.error('A control message could not be read', error);
      }
    };
  }

  private _onControl(message: ControlMessage): void {
    switch (message.type) {
      case 'hello':
        if (message.epoch !== this._options.epoch) {
          this.finish(CLOSE_EPOCH, 'epoch');
          return;
        }
        this._role = message.role;
        this._introduce(message.user);
        break;
      case 'ack':
        this._options.save.acknowledged(message.count);
        break;
      case 'role':
        this._role = message.role;
        break;
      case 'trouble':
        this._trouble = message.message;
        break;
    }
    this._control.emit(message);
    this._changed.emit();
  }

  /**
   * Raise the clock of our presence, or those who saw us leave would ignore
   * us; with the user that the server stamps, so that the tabs of this browser
   * see the same one without it.
   */
  private _introduce(user?: IPresenceUser): void {
    const { awareness } = this._options.model;
    const state = awareness.getLocalState() ?? {};
    awareness.setLocalState(user ? { ...state, user } : state);
  }

  private _onUpdate = (_update: Uint8Array, origin: unknown): void => {
    if (origin instanceof IndexeddbPersistence) {
      return; // The local copy was loaded: nobody typed.
    }
    const byProvider = origin === this.provider;
    // What another tab typed while nobody is connected is kept here too, and
    // this tab brings it to the server should the other one be closed.
    const byOtherTab =
      byProvider && this._fromChannel && !this.provider.wsconnected;
    if (!byProvider || byOtherTab) {
      this._options.save.edited();
      this._changed.emit();
    }
  };

  private _onStatus = (event: { status: string }): void => {
    if (event.status === 'connected') {
      this._failures = 0;
      this._wasOpen = true;
      this._options.save.opened();
      this._changed.emit();
    }
  };

  private _onSync = (synced: boolean): void => {
    if (synced) {
      this._phase = 'synced';
      this._changed.emit();
    }
  };

  private _onClose = (): void => {
    this._options.save.closed();
    this._trouble = null;
    if (this._phase === 'ended') {
      return;
    }
    if (!this._wasOpen) {
      this._failures += 1;
      void this._probe();
    }
    this._wasOpen = false;
    if (this._phase !== 'signed-out') {
      this._phase = 'away';
    }
    this._changed.emit();
  };

  private _onClosed = (end: IEnd): void => {
    if (end.code === 4401) {
      this._phase = 'signed-out';
      this._changed.emit();
      return;
    }
    this.finish(end.code, end.reason);
  };

  private async _probe(): Promise<void> {
    const now = Date.now();
    if (now - this._probedAt < PROBE_INTERVAL) {
      return;
    }
    this._probedAt = now;
    const answer = await this._options.probe();
    if (answer === 'signed-out' && this._phase === 'away' && !this._disposed) {
      this._phase = 'signed-out';
      this.provider.shouldConnect = false;
      this._changed.emit();
    }
  }

  private _onFocus = (): void => {
    if (this._phase === 'signed-out') {
      void this._options.probe().then(answer => {
        if (answer === 'ok' && !this._disposed) {
          this.retry();
        }
      });
    }
  };

  private _onPageHide = (event: PageTransitionEvent): void => {
    if (!event.persisted) {
      this._options.model.awareness.setLocalState(null);
    }
  };

  private _phase: Phase = 'connecting';
  private _end: IEnd | null = null;
  private _role: Role = 'editor';
  private _trouble: string | null = null;
  private _disposed = false;
  private _wasOpen = false;
  private _failures = 0;
  private _probedAt = 0;
  private _fromChannel = false;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _control = new Signal<this, ControlMessage>(this);
}

type MessageHandler = (
  encoder: encoding.Encoder,
  decoder: decoding.Decoder,
  provider: WebsocketProvider,
  emitSynced: boolean,
  messageType: number
) => void;

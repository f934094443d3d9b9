/**
 * One document's live connection: y-websocket's provider and what it lacks.
 *
 * The provider speaks the sync protocol, reconnects and joins the tabs of this
 * browser through BroadcastChannel. Added here: control messages (hello, ack,
 * role, denied, renamed, reset), the count of frames that acks refer to
 * (PROTOCOL A1), the check of the epoch before anything of ours could merge
 * (E2), the edits of tabs that are cut off (`Forwarder`), a probe that tells
 * "signed out" from "server away" after a refused upgrade, which a browser
 * reports as 1006 like any other failure.
 */
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import * as encoding from 'lib0/encoding';
import { IndexeddbPersistence } from 'y-indexeddb';
import * as syncProtocol from 'y-protocols/sync';
import { WebsocketProvider } from 'y-websocket';
import { wire } from '../shared/wire';
import type { IPresenceUser, Role } from '../server/api';
import type { IConnectionTarget } from '../server/endpoint';
import { Forwarder } from './forwarder';
import { countingWebSocket } from './frames';
import { Incoming } from './messages';
import type { ControlMessage } from './messages';
import type { IEnd, Phase } from './phase';
import { ReconnectTriggers } from './reconnecttriggers';
import type { Probe } from './reconnecttriggers';
import type { SaveState } from './savestate';
import type { RoomFile } from './sharedmodel';

export interface IConnectionOptions extends IConnectionTarget {
  document: string;
  epoch: number;
  /** The name of the BroadcastChannel (PROTOCOL E3). */
  channel: string;
  model: RoomFile;
  save: SaveState;
  probe: Probe;
}

const MESSAGE_SYNC = 0;

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
      }, _options.socket)
    });
    provider.bcChannel = channel;
    this.provider = provider;
    this._incoming = new Incoming(provider, {
      control: message => this._onControl(message),
      content: update => this._forwarder.confirmed(update)
    });
    provider.on('status', this._onStatus);
    provider.on('sync', this._onSync);
    provider.on('connection-close', this._onClose);
    provider.on('closed', this._onClosed);
    this._triggers = new ReconnectTriggers({
      probe: _options.probe,
      admitted: _options.admitted,
      wake: this.retry,
      leave: () => model.awareness.setLocalState(null)
    });
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
  get outage(): string | null {
    return this._outage;
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
        this._triggers.isSignedOut = false;
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
    this._end = { code, reason, refused: !this._greeted };
    // It would stay on the channel, and pass on what must not merge.
    this.provider.disconnect();
    this._changed.emit();
  }

  dispose(): void {
    if (this._disposed) {
      return;
    }
    this._disposed = true;
    this._triggers.dispose();
    this._options.model.ydoc.off('update', this._onUpdate);
    this._forwarder.clear();
    this.provider.destroy();
    Signal.clearData(this);
  }

  private _onControl(message: ControlMessage): void {
    switch (message.type) {
      case 'hello':
        if (message.epoch !== this._options.epoch) {
          this.finish(wire.closeCodes.epoch, 'epoch');
          return;
        }
        this._greeted = true;
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
        this._outage = message.message;
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

  private _onUpdate = (update: Uint8Array, origin: unknown): void => {
    if (origin instanceof IndexeddbPersistence) {
      return; // The local copy was loaded: nobody typed.
    }
    if (origin === this.provider) {
      const { source, payload } = this._incoming;
      if (source !== 'channel') {
        return;
      }
      if (this.provider.wsconnected) {
        this._forwarder.received(update, payload);
        return;
      }
      // What another tab typed while nobody is connected is kept here too, and
      // this tab brings it to the server should the other one be closed.
    }
    this._options.save.edited();
    this._changed.emit();
  };

  /** Send what another tab cannot, as an edit of this one. */
  private _forward(update: Uint8Array): void {
    const { ws } = this.provider;
    if (ws && this.provider.wsconnected && this._phase !== 'ended') {
      this._options.save.edited();
      const encoder = encoding.createEncoder();
      encoding.writeVarUint(encoder, MESSAGE_SYNC);
      syncProtocol.writeUpdate(encoder, update);
      ws.send(encoding.toUint8Array(encoder));
      this._changed.emit();
    }
  }

  private _onStatus = (event: { status: string }): void => {
    if (event.status === 'connecting') {
      this._greeted = false;
    } else if (event.status === 'connected') {
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
    for (let unsent = this._forwarder.clear(); unsent > 0; unsent--) {
      this._options.save.edited();
    }
    this._options.save.closed();
    this._outage = null;
    if (this._phase === 'ended') {
      return;
    }
    if (!this._wasOpen) {
      this._triggers.ask(this._onSignedOut);
    }
    this._wasOpen = false;
    if (this._phase !== 'signed-out') {
      this._phase = 'away';
    }
    this._changed.emit();
  };

  private _onClosed = (end: IEnd): void => {
    if (end.code === wire.closeCodes.notSignedIn) {
      this._phase = 'signed-out';
      this._triggers.isSignedOut = true;
      this._changed.emit();
      return;
    }
    this.finish(end.code, end.reason);
  };

  private _onSignedOut = (): void => {
    if (this._phase === 'away' && !this._disposed) {
      this._phase = 'signed-out';
      this.provider.shouldConnect = false;
      this._triggers.isSignedOut = true;
      this._changed.emit();
    }
  };

  private _phase: Phase = 'connecting';
  private _end: IEnd | null = null;
  private _role: Role = 'editor';
  private _outage: string | null = null;
  private _disposed = false;
  private _wasOpen = false;
  private _greeted = false;
  private readonly _triggers: ReconnectTriggers;
  private readonly _forwarder = new Forwarder(update => this._forward(update));
  private readonly _incoming: Incoming;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _control = new Signal<this, ControlMessage>(this);
}

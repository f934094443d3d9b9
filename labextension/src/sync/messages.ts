/**
 * What comes in on a document's provider, told apart by where it came from.
 *
 * The provider hands every message to a handler by its type, from the server
 * and from the tabs of this browser (BroadcastChannel) alike; only `emitSynced`
 * tells which. Here its sync handler is wrapped, and control messages (type
 * 100, from the server alone) get one.
 */
import * as decoding from 'lib0/decoding';
import type * as encoding from 'lib0/encoding';
import type { WebsocketProvider } from 'y-websocket';
import { wire } from '../shared/wire';
import type { IPresenceUser, Role } from '../server/api';

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

/** Where the message that is being applied came from. */
export type Source = 'server' | 'channel' | null;

export interface IMessageListeners {
  control: (message: ControlMessage) => void;
  /** Content came from the server: a step 2 or an update, after it is applied. */
  content: (update: Uint8Array) => void;
}

/** Knows, while content is applied, where it came from and its bytes. */
export class Incoming {
  constructor(provider: WebsocketProvider, listeners: IMessageListeners) {
    const handlers = provider.messageHandlers as MessageHandler[];
    const sync = handlers[wire.messages.sync];
    handlers[wire.messages.sync] = (
      encoder,
      decoder,
      owner,
      emitSynced,
      type
    ) => {
      this.source = emitSynced ? 'server' : 'channel';
      this.payload = peekContent(decoder);
      try {
        sync?.(encoder, decoder, owner, emitSynced, type);
        if (emitSynced && this.payload) {
          listeners.content(this.payload);
        }
      } finally {
        this.source = null;
        this.payload = null;
      }
    };
    handlers[wire.messages.control] = (
      _encoder,
      decoder,
      _owner,
      emitSynced
    ) => {
      const text = decoding.readVarString(decoder);
      if (!emitSynced) {
        return; // By BroadcastChannel: the server speaks to one socket only.
      }
      try {
        listeners.control(JSON.parse(text) as ControlMessage);
      } catch (error) {
        console.error('A control message could not be read', error);
      }
    };
  }

  source: Source = null;
  payload: Uint8Array | null = null;
}

/** The update in a sync message, without moving on. */
function peekContent(decoder: decoding.Decoder): Uint8Array | null {
  const { pos } = decoder;
  try {
    return decoding.readVarUint(decoder) === wire.syncSteps.step1
      ? null
      : decoding.readVarUint8Array(decoder);
  } finally {
    decoder.pos = pos;
  }
}

type MessageHandler = (
  encoder: encoding.Encoder,
  decoder: decoding.Decoder,
  provider: WebsocketProvider,
  emitSynced: boolean,
  messageType: number
) => void;

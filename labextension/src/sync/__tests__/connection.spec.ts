/** Connections to a real WebSocket server, in two tabs of one browser. */
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import type { WebSocket as ServerSocket } from 'ws';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import * as sync from 'y-protocols/sync';
import * as Y from 'yjs';
import { Connection } from '../connection';
import { SaveState } from '../savestate';
import { RoomFile } from '../sharedmodel';

/** A y-websocket server of one document; acknowledges, and notes what comes. */
class Server {
  constructor() {
    this.ydoc.on('update', (update, origin) => {
      for (const other of this._server.clients) {
        if (other !== origin) {
          other.send(frame(encoder => sync.writeUpdate(encoder, update)));
        }
      }
    });
    this._server.on('connection', socket => {
      let count = 0;
      this._control(socket, { type: 'hello', epoch: 0, role: 'editor' });
      socket.send(frame(encoder => sync.writeSyncStep1(encoder, this.ydoc)));
      socket.on('message', (data: Buffer) => {
        const decoder = decoding.createDecoder(new Uint8Array(data));
        if (decoding.readVarUint(decoder) !== 0) {
          return;
        }
        const answer = encoding.createEncoder();
        encoding.writeVarUint(answer, 0);
        const kind = sync.readSyncMessage(decoder, answer, this.ydoc, socket);
        if (encoding.length(answer) > 1) {
          socket.send(encoding.toUint8Array(answer));
        }
        if (kind !== sync.messageYjsSyncStep1) {
          this.updates += kind === sync.messageYjsUpdate ? 1 : 0;
          this._control(socket, { type: 'ack', count: ++count });
        }
      });
    });
  }

  readonly ydoc = new Y.Doc();
  updates = 0;

  async listening(): Promise<this> {
    await once(this._server, 'listening');
    return this;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this._server.address() as AddressInfo).port}`;
  }

  get text(): string {
    return this.ydoc.getText('source').toString();
  }

  close(): void {
    this._server.clients.forEach(socket => socket.terminate());
    this._server.close();
  }

  private _control(socket: ServerSocket, message: object): void {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, 100);
    encoding.writeVarString(encoder, JSON.stringify(message));
    socket.send(encoding.toUint8Array(encoder));
  }

  private _server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
}

function frame(write: (encoder: encoding.Encoder) => void): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 0);
  write(encoder);
  return encoding.toUint8Array(encoder);
}

class Tab {
  constructor(url: string, channel: string) {
    this.connection = new Connection({
      url,
      document: 'd',
      epoch: 0,
      channel,
      token: '',
      model: this.model,
      save: this.save,
      probe: async () => 'away'
    });
    this.connection.connect();
  }

  readonly model = new RoomFile();
  readonly save = new SaveState();
  readonly connection: Connection;

  type(text: string): void {
    this.model.updateSource(
      this.model.source.length,
      this.model.source.length,
      text
    );
  }

  close(): void {
    this.connection.dispose();
    this.model.dispose();
  }
}

async function until(check: () => boolean): Promise<void> {
  while (!check()) {
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

describe('tabs of one browser', () => {
  let server: Server;
  let tabs: Tab[];

  const open = (url: string) => {
    const tab = new Tab(url, 'channel');
    tabs.push(tab);
    return tab;
  };

  beforeEach(async () => {
    server = await new Server().listening();
    tabs = [];
  });

  afterEach(() => {
    tabs.forEach(tab => tab.close());
    server.close();
  });

  it('what one that is cut off types reaches the server by another', async () => {
    const cut = open('ws://127.0.0.1:9'); // nobody answers there
    const other = open(server.url);
    await until(() => other.save.saved);
    cut.type('from the tab that is cut off');
    expect(other.model.source).toBe('from the tab that is cut off');
    expect(cut.save.unsent).toBe(true);
    await until(() => server.text === 'from the tab that is cut off');
    await until(() => other.save.saved);
    expect(server.updates).toBe(1);
  });

  it('what one of them has sent is not sent again by the other', async () => {
    const one = open(server.url);
    const other = open(server.url);
    await until(() => one.save.saved && other.save.saved);
    one.type('typed');
    one.type(' in one tab');
    one.model.updateSource(0, 1);
    await until(() => one.save.saved);
    await new Promise(resolve => setTimeout(resolve, 2_300));
    expect(server.text).toBe('yped in one tab');
    expect(other.model.source).toBe('yped in one tab');
    expect(server.updates).toBe(3);
  });
});

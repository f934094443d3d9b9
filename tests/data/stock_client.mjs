// A stock y-websocket client, as its README shows it, driven by JSON lines on standard input.
// Run from a folder whose node_modules holds it: node --input-type=module --eval "$(cat this)" OPTIONS
import readline from 'node:readline';
import WebSocket from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';

const { url, document, token } = JSON.parse(process.argv[1]);
const doc = new Y.Doc();
const text = doc.getText('source');
const heard = { answers: 0, updates: 0, presence: 0, others: 0 };
let closed = null;
let closes = 0;

class Counting extends WebSocket {
  constructor(...args) {
    super(...args);
    this.on('message', data => {
      const [type, step] = new Uint8Array(data);
      const kind =
        type === 1 ? 'presence' : type !== 0 ? 'others' : step === 2 ? 'updates' : 'answers';
      heard[kind]++;
    });
  }
}

const provider = new WebsocketProvider(url, document, doc, {
  connect: false,
  params: { token },
  WebSocketPolyfill: Counting
});
provider.on('closed', event => {
  closed = event.code;
  closes += 1;
});

/** Resolves when the content is there, or when the server closed for good. */
const synced = () =>
  new Promise(done => {
    if (provider.synced || closed !== null) {
      done();
    }
    provider.once('sync', done);
    provider.once('closed', done);
  });

// mulberry32
const randoms = seed => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};

/** A position between two characters, never within a surrogate pair. */
const position = (content, random) => {
  const at = Math.floor(random() * (content.length + 1));
  return /[\udc00-\udfff]/.test(content[at] ?? '') ? at + 1 : at;
};

const commands = {
  async connect() {
    provider.connect();
    await synced();
    return text.toString();
  },
  async disconnect() {
    provider.disconnect();
  },
  async synced() {
    await synced();
    return text.toString();
  },
  async reconnect({ times }) {
    for (let i = 0; i < times; i++) {
      provider.disconnect();
      provider.connect();
      await synced();
    }
    return provider.synced;
  },
  async text() {
    return text.toString();
  },
  async insert({ index, value }) {
    text.insert(index, value);
  },
  async delete({ index, length }) {
    text.delete(index, length);
  },
  async scribble({ seed, times, alphabet }) {
    const random = randoms(seed);
    for (let i = 0; i < times; i++) {
      const content = text.toString();
      const at = position(content, random);
      const end = Math.min(content.length, at + 4);
      const stop = /[\udc00-\udfff]/.test(content[end] ?? '') ? end + 1 : end;
      if (random() < 0.3 && stop > at) {
        text.delete(at, stop - at);
      } else {
        text.insert(at, alphabet[Math.floor(random() * alphabet.length)]);
      }
      await new Promise(done => setTimeout(done, 2));
    }
  },
  async present({ state }) {
    provider.awareness.setLocalStateField('user', state);
  },
  async people() {
    return [...provider.awareness.getStates()]
      .filter(([client]) => client !== doc.clientID)
      .map(([, state]) => state.user ?? null);
  },
  async heard() {
    return heard;
  },
  async closed() {
    return { code: closed, again: provider.shouldConnect };
  },
  /** How often the server closed for good. */
  async closes() {
    return closes;
  },
  async quit() {
    provider.destroy();
    setTimeout(() => process.exit(0), 50);
  }
};

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { op, ...rest } = JSON.parse(line);
  const result = await commands[op](rest);
  process.stdout.write(JSON.stringify({ result: result ?? null }) + '\n');
}
process.exit(0);

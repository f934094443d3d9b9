/** Being let in at a gateway: real requests to a real server. */
import { nullTranslator } from '@jupyterlab/translation';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Access } from '../access';
import { isUnreachable, RoomsError } from '../errors';
import { Gateway } from '../gateway';
import type { ISignIn } from '../signin';

const trans = nullTranslator.load('');

/** A gateway as browsers meet it: who has its token is let in. */
class Hub {
  /** What the sign-in page tells; `null` while the hub wants a password. */
  xsrf: string | null = 'first';
  /** What `me` answers to who is signed in. */
  me = 200;
  frames = 0;
  seen: { url: string; xsrf?: string; authorization?: string }[] = [];

  async start(): Promise<this> {
    this._server = createServer((request, response) => {
      if (request.url!.endsWith('/never')) {
        return; // an export that takes long
      }
      const status = this._status(request);
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ error: 'e', message: `${status}` }));
    }).listen(this._port, '127.0.0.1');
    await once(this._server, 'listening');
    this._port = (this._server.address() as AddressInfo).port;
    return this;
  }

  async stop(): Promise<void> {
    this._server.closeAllConnections();
    this._server.close();
    await once(this._server, 'close');
  }

  get url(): string {
    return `http://127.0.0.1:${this._port}/services/plant-together/`;
  }

  readonly signIn: ISignIn = {
    byFrame: async () => {
      this.frames += 1;
      return this.xsrf === null ? null : { xsrf: this.xsrf, user: 'ada' };
    },
    byWindow: async () => {
      this.xsrf = 'by password';
      return { xsrf: this.xsrf, user: 'ada' };
    }
  };

  private _status(request: IncomingMessage): number {
    const { headers, method } = request;
    const xsrf = headers['x-xsrftoken'] as string | undefined;
    const url = request.url!.split('/api/v1/')[1] ?? '';
    this.seen.push({ url, xsrf, authorization: headers.authorization });
    if (xsrf === undefined || xsrf !== this.xsrf) {
      return method === 'GET' ? 401 : 403;
    }
    return url === 'me' || this.me !== 200
      ? this.me
      : url === 'forbidden'
        ? 403
        : 200;
  }

  private _port = 0;
  private _server!: Server;
}

let hub: Hub;
let gateway: Gateway;
let states: Access[];

beforeEach(async () => {
  hub = await new Hub().start();
  gateway = new Gateway(hub.url, hub.signIn, trans);
  states = [];
  gateway.changed.connect((_, access) => states.push(access));
});

afterEach(async () => {
  gateway.dispose();
  await hub.stop();
});

async function failure(asked: Promise<unknown>): Promise<RoomsError> {
  return asked.then(
    () => expect.fail('it did not fail'),
    error => {
      expect(error).toBeInstanceOf(RoomsError);
      return error;
    }
  );
}

describe('A gateway', () => {
  it('is entered by one hidden frame, however many ask', async () => {
    const answers = await Promise.all(
      ['rooms', 'rooms/a', 'rooms/b'].map(path => gateway.request(path))
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(hub.frames).toBe(1);
    expect(states).toEqual(['ok']);
    const calls = hub.seen.filter(({ url }) => url !== 'me');
    expect(calls.map(({ xsrf }) => xsrf)).toEqual(['first', 'first', 'first']);
    expect(hub.seen.some(one => one.authorization !== undefined)).toBe(false);
  });

  it.each(['GET', 'POST'])(
    'is entered again, unseen, when the token of a %s no longer holds',
    async method => {
      await gateway.request('rooms');
      hub.xsrf = 'second';
      const asked = await Promise.all([
        gateway.request('rooms', { method }),
        gateway.request('rooms', { method })
      ]);
      expect(asked.map(({ status }) => status)).toEqual([200, 200]);
      expect(states).toEqual(['ok']);
      expect(hub.frames).toBe(2);
    }
  );

  it('asks for a sign-in by the user where the hub wants a password', async () => {
    hub.xsrf = null;
    const error = await failure(gateway.request('rooms'));
    expect(error.message).toContain('Sign In to Rooms');
    expect(isUnreachable(error)).toBe(true);
    expect(gateway.access).toBe('sign-in');
    // Sockets go on trying; frames do not.
    await failure(gateway.request('tickets', { method: 'POST' }));
    expect(hub.frames).toBe(1);
    expect(await gateway.signIn()).toBe(true);
    expect(states).toEqual(['sign-in', 'ok']);
    expect((await gateway.request('rooms')).status).toBe(200);
  });

  it('looks again when the user comes back from signing in elsewhere', async () => {
    hub.xsrf = null;
    await failure(gateway.request('rooms'));
    hub.xsrf = 'in another window';
    const admitted = new Promise(resolve => gateway.changed.connect(resolve));
    window.dispatchEvent(new Event('focus'));
    await admitted;
    expect(gateway.access).toBe('ok');
  });

  it('takes a 403 of the policy for what it is', async () => {
    const answer = await gateway.request('forbidden');
    expect(answer.status).toBe(403);
    expect(states).toEqual(['ok']);
    expect(hub.frames).toBe(1);
  });

  it.each<[number, Access, string]>([
    [403, 'refused', 'ask whoever runs the hub'],
    [503, 'hub-away', 'does not answer: wait']
  ])('that answers %i to `me` is %s', async (status, access, sentence) => {
    hub.me = status;
    const error = await failure(gateway.request('rooms'));
    expect(error.message).toContain(sentence);
    expect(isUnreachable(error)).toBe(true);
    expect(states).toEqual([access]);
    hub.me = 200;
    expect((await gateway.request('rooms')).status).toBe(200);
    expect(states).toEqual([access, 'ok']);
  });

  it('that is gone is asked again by itself, until it is back', async () => {
    await gateway.request('rooms');
    await hub.stop();
    const error = await failure(gateway.request('rooms'));
    expect(error.message).toContain('gateway');
    expect(isUnreachable(error)).toBe(true);
    expect(states).toEqual(['ok', 'unreachable']);
    const back = new Promise(resolve => gateway.changed.connect(resolve));
    await hub.start();
    await back;
    expect(states).toEqual(['ok', 'unreachable', 'ok']);
  }, 20_000);

  it('is not out of reach because we gave up waiting', async () => {
    await gateway.request('me');
    const stopped = new AbortController();
    const asked = gateway.request('never', { signal: stopped.signal });
    setTimeout(() => stopped.abort(), 20);
    await expect(asked).rejects.toThrow(/abort/i);
    expect(gateway.access).toBe('ok');
  });
});

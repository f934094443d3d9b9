/** What a document's connection makes of a ticket that it does not get. */
import { ServerConnection } from '@jupyterlab/services';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { CLOSED, RoomsError } from '../errors';
import { ticketWebSocket } from '../ticketsocket';

let server: WebSocketServer;
let asked: string[];

beforeEach(async () => {
  asked = [];
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (_, request) => asked.push(request.url!));
  await once(server, 'listening');
});

afterEach(() => {
  server.clients.forEach(client => client.terminate());
  server.close();
});

async function closed(error: Error): Promise<CloseEvent> {
  const Socket = ticketWebSocket(() => Promise.reject(error));
  const socket = new Socket('ws://127.0.0.1:9/sync/d_1');
  expect(socket.readyState).toBe(WebSocket.CONNECTING);
  const event = await new Promise<CloseEvent>(resolve => {
    socket.onclose = resolve;
  });
  expect(socket.readyState).toBe(WebSocket.CLOSED);
  return event;
}

const answer = (status: number, code = 'e') =>
  new RoomsError(new Response(null, { status }), code, 'A sentence.');

describe('A socket with a ticket (Refusals)', () => {
  it('opens with it', async () => {
    const Socket = ticketWebSocket(async () => 'once');
    const { port } = server.address() as AddressInfo;
    const socket = new Socket(`ws://127.0.0.1:${port}/sync/d_1?control=1`);
    await new Promise(resolve => {
      socket.onopen = resolve;
    });
    expect(asked).toEqual(['/sync/d_1?control=1&ticket=once']);
    socket.close();
  });

  it.each([
    [403, 4403],
    [404, 4404],
    [401, 4401],
    [400, 4400]
  ])('that is refused with %i is closed with %i', async (status, code) => {
    const event = await closed(answer(status));
    expect([event.code, event.reason]).toEqual([code, 'A sentence.']);
  });

  it('that waits for a sign-in says so', async () => {
    const event = await closed(answer(401, `${CLOSED}sign-in`));
    expect(event.code).toBe(4401);
  });

  it.each<[string, Error]>([
    ['503', answer(503)],
    ['500', answer(500)],
    ['too many', answer(429)],
    ['a hub that is away', answer(503, `${CLOSED}hub-away`)],
    ['a hub that lets us in nowhere', answer(403, `${CLOSED}refused`)],
    ['no network', new ServerConnection.NetworkError(new TypeError('no'))],
    ['anything else', new TypeError('failed to fetch')]
  ])('comes back after %s', async (_, error) => {
    expect((await closed(error)).code).toBe(1006);
  });
});

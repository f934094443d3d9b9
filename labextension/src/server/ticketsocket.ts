/**
 * A WebSocket that first takes a ticket.
 *
 * At a gateway each attempt needs a ticket of its own, which is a request;
 * y-websocket's provider makes its sockets at once and itself. So it is given
 * this class: a socket that is "connecting" while it waits for the ticket and
 * then is the real one. A ticket that is refused closes with the code with
 * which the document's own socket would have; that nobody can give one is a
 * connection that failed (1006).
 */
import { wire } from '../shared/wire';
import { CLOSED, RoomsError, statusOf } from './errors';

type Data = Parameters<WebSocket['send']>[0];

/**
 * Make the WebSocket class of one document.
 *
 * @param ticket Asks for a ticket.
 * @param Base The class of the real socket; a test gives its own.
 */
export function ticketWebSocket(
  ticket: () => Promise<string>,
  Base: typeof WebSocket = WebSocket
): typeof WebSocket {
  class TicketWebSocket {
    static readonly CONNECTING = Base.CONNECTING;
    static readonly OPEN = Base.OPEN;
    static readonly CLOSING = Base.CLOSING;
    static readonly CLOSED = Base.CLOSED;
    // The provider compares with its socket's own.
    readonly CONNECTING = Base.CONNECTING;
    readonly OPEN = Base.OPEN;
    readonly CLOSING = Base.CLOSING;
    readonly CLOSED = Base.CLOSED;

    constructor(url: string, protocols?: string | string[]) {
      void this._open(url, protocols);
    }

    binaryType: BinaryType = 'arraybuffer';
    onopen: ((event: Event) => void) | null = null;
    onmessage: ((event: MessageEvent) => void) | null = null;
    onerror: ((event: Event) => void) | null = null;
    onclose: ((event: CloseEvent) => void) | null = null;

    get readyState(): number {
      return (
        this._socket?.readyState ??
        (this._closed ? Base.CLOSED : Base.CONNECTING)
      );
    }

    send(data: Data): void {
      this._socket?.send(data);
    }

    close(code?: number, reason?: string): void {
      this._closed = true;
      this._socket?.close(code, reason);
    }

    private async _open(
      url: string,
      protocols?: string | string[]
    ): Promise<void> {
      const address = new URL(url);
      try {
        address.searchParams.set('ticket', await ticket());
      } catch (error) {
        if (!this._closed) {
          this._closed = true;
          this.onclose?.(new CloseEvent('close', closeOf(error)));
        }
        return;
      }
      if (this._closed) {
        return;
      }
      const socket = new Base(address, protocols);
      socket.binaryType = this.binaryType;
      socket.onopen = event => this.onopen?.(event);
      socket.onmessage = event => this.onmessage?.(event);
      socket.onerror = event => this.onerror?.(event);
      socket.onclose = event => this.onclose?.(event);
      this._socket = socket;
    }

    private _socket: WebSocket | null = null;
    private _closed = false;
  }
  return TicketWebSocket as unknown as typeof WebSocket;
}

const COME_BACK = { code: 1006 };

/**
 * How a refused ticket closes (PROTOCOL, Refusals): only 5xx, the network and a
 * gateway that lets nobody in mean "come back".
 */
function closeOf(error: unknown): CloseEventInit {
  const status = statusOf(error) ?? 0;
  const isClosed = error instanceof RoomsError && error.code.startsWith(CLOSED);
  if (status === 401) {
    return { code: wire.closeCodes.notSignedIn, reason: sentence(error) };
  }
  if (isClosed || status < 400 || status === 429 || status >= 500) {
    return COME_BACK;
  }
  const code =
    status === 403
      ? wire.closeCodes.accessDenied
      : status === 404
        ? wire.closeCodes.notFound
        : wire.closeCodes.badRequest;
  return { code, reason: sentence(error) };
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : '';
}

/**
 * Which WebSocket frames count (PROTOCOL A1), and the socket that counts them.
 *
 * Both sides of a connection number every frame whose first two varUints are
 * (0, 1) or (0, 2), a sync step 2 or an update, from 1. The provider builds its
 * sockets itself, so the counter sits in a WebSocket subclass that it is given
 * as `WebSocketPolyfill`: nothing that leaves can pass it by.
 */
import * as decoding from 'lib0/decoding';
import { wire } from '../shared/wire';

/** What a counted frame is; `null` for a frame that does not count. */
export type CountedFrame = 'step2' | 'update' | null;

/**
 * Tell what a frame counts as.
 */
export function countedFrame(data: Uint8Array): CountedFrame {
  const decoder = decoding.createDecoder(data);
  try {
    if (decoding.readVarUint(decoder) !== wire.messages.sync) {
      return null;
    }
    switch (decoding.readVarUint(decoder)) {
      case wire.syncSteps.step2:
        return 'step2';
      case wire.syncSteps.update:
        return 'update';
      default:
        return null;
    }
  } catch {
    return null; // Cut off: no message at all.
  }
}

/** Told of each counted frame that leaves by one socket. */
export type FrameListener = (
  socket: WebSocket,
  kind: Exclude<CountedFrame, null>
) => void;

/**
 * Make the WebSocket class of one provider.
 *
 * @param onFrame Called before a counted frame is handed to the network.
 * @param Base The class to extend; a test gives its own.
 */
export function countingWebSocket(
  onFrame: FrameListener,
  Base: typeof WebSocket = WebSocket
): typeof WebSocket {
  return class CountingWebSocket extends Base {
    override send(
      data: string | ArrayBufferLike | Blob | ArrayBufferView
    ): void {
      const kind =
        data instanceof Uint8Array
          ? countedFrame(data)
          : data instanceof ArrayBuffer
            ? countedFrame(new Uint8Array(data))
            : null;
      if (kind && this.readyState === Base.OPEN) {
        onFrame(this, kind);
      }
      super.send(data);
    }
  };
}

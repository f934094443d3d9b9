/**
 * Brings to the server what another tab of this browser cannot.
 *
 * Tabs hand each other their edits, and each sends its own to the server. A tab
 * that is cut off cannot; a tab that is connected would keep its edits to
 * itself until it connects anew. So what came from another tab is remembered
 * here for a moment. Usually the server soon relays the same and it is
 * forgotten; what the server has not shown by then is sent from here. Sending
 * what it has already would do no harm.
 */
import * as Y from 'yjs';

/** How long the server may take to relay what another tab has sent it. */
const RELAY_TIMEOUT = 2_000;

interface IReceived {
  update: Uint8Array;
  /** As it came over the channel. */
  payload: Uint8Array | null;
  /** The end of what it adds, for each client. */
  ends: Map<number, number>;
}

export class Forwarder {
  /** @param send Sends one update to the server. */
  constructor(private readonly _send: (update: Uint8Array) => void) {}

  /** Something new came from another tab while this one is connected. */
  received(update: Uint8Array, payload: Uint8Array | null): void {
    const ends = Y.parseUpdateMeta(update).to;
    this._received.push({ update, payload, ends });
    this._timer ??= setTimeout(() => this._forward(), RELAY_TIMEOUT);
  }

  /** The server has shown that it has this. */
  confirmed(payload: Uint8Array): void {
    if (this._received.length) {
      const ends = Y.parseUpdateMeta(payload).to;
      this._received = this._received.filter(one => !isIn(one, payload, ends));
    }
  }

  /**
   * Forget: the next connection brings all that is in the document.
   *
   * @returns How many edits the server has not shown.
   */
  clear(): number {
    clearTimeout(this._timer);
    this._timer = undefined;
    const { length } = this._received;
    this._received = [];
    return length;
  }

  private _forward(): void {
    const updates = this._received.map(({ update }) => update);
    this.clear();
    if (updates.length) {
      this._send(Y.mergeUpdates(updates));
    }
  }

  private _received: IReceived[] = [];
  private _timer: ReturnType<typeof setTimeout> | undefined;
}

function isIn(
  one: IReceived,
  payload: Uint8Array,
  ends: Map<number, number>
): boolean {
  if (one.ends.size > 0) {
    return [...one.ends].every(([id, end]) => (ends.get(id) ?? 0) >= end);
  }
  // Deletions alone have no end to compare; they are relayed as they are.
  return equal(one.update, payload) || equal(one.payload, payload);
}

function equal(a: Uint8Array | null, b: Uint8Array): boolean {
  return a?.length === b.length && a.every((byte, i) => byte === b[i]);
}

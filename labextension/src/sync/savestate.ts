/**
 * What is saved and what is not, for one document (PROTOCOL A1, A5, A7).
 *
 * The mechanism: every local edit is either in a counted frame of the present
 * connection or in none. The frame that answers the server's step 1 carries
 * all that the server lacks, so it takes every edit made so far; an update
 * frame that leaves after it carries its own edit. An ack for n makes
 * the frames 1..n durable; a closed connection gives the edits of its other
 * frames back. No clock and no network here: the provider feeds it, tests too.
 */
import type { CountedFrame } from './frames';

/** Edits that went out in one frame. */
interface ISentFrame {
  count: number;
  edits: number;
}

export class SaveState {
  /**
   * @param leftover Whether an earlier page left edits in the local copy whose
   * number nobody knows any more.
   */
  constructor(leftover = false) {
    this._leftover = leftover;
  }

  /** Edits that the server has not acknowledged, as far as they are known. */
  get pending(): number {
    return this._frames.reduce((sum, frame) => sum + frame.edits, this._loose);
  }

  /** Whether edits of an earlier page may still be unsent. */
  get leftover(): boolean {
    return this._leftover;
  }

  /** Whether anything here may be missing on the server. */
  get unsent(): boolean {
    return this._leftover || this.pending > 0;
  }

  /** PROTOCOL A7: open, the server's step 1 answered, the last frame acknowledged. */
  get saved(): boolean {
    return this._open && this._answered && this._acknowledged >= this._sent;
  }

  /** The number of counted frames sent on this connection. */
  get sent(): number {
    return this._sent;
  }

  /** A connection opened: both sides count from 1. */
  opened(): void {
    this._takeBack();
    this._open = true;
  }

  /** The connection is gone; what it did not acknowledge is unsent again. */
  closed(): void {
    this._takeBack();
    this._open = false;
  }

  /** The text was changed here (or by another tab while nobody was connected). */
  edited(): void {
    this._loose += 1;
  }

  /** A local copy was found whose edits may be unsent. */
  found(): void {
    this._leftover = true;
  }

  /** A counted frame leaves. */
  frame(kind: Exclude<CountedFrame, null>): void {
    this._sent += 1;
    if (kind === 'step2') {
      this._answered = true;
    }
    // Before the step 2, an update frame proves nothing about older edits:
    // they will be in the step 2, which comes later and carries them all.
    if (this._answered && this._loose > 0) {
      this._frames.push({ count: this._sent, edits: this._loose });
      this._loose = 0;
    }
  }

  /** Frames 1..count are durable. */
  acknowledged(count: number): void {
    this._acknowledged = Math.max(
      this._acknowledged,
      Math.min(count, this._sent)
    );
    this._frames = this._frames.filter(
      frame => frame.count > this._acknowledged
    );
    if (this.saved) {
      this._leftover = false;
    }
  }

  private _takeBack(): void {
    this._loose = this.pending;
    this._frames = [];
    this._sent = 0;
    this._acknowledged = 0;
    this._answered = false;
  }

  private _leftover: boolean;
  private _open = false;
  private _answered = false;
  private _sent = 0;
  private _acknowledged = 0;
  private _loose = 0;
  private _frames: ISentFrame[] = [];
}

/**
 * How long a drawing may go on while a newer text of its preview waits.
 *
 * A drawing cannot be interrupted, only its worker ended, and a new worker
 * costs about as much as a long drawing. So a drawing is cut short only when it
 * takes far longer than this preview's last one: most likely it would never
 * end, and the person has mended the text meanwhile. Each cut doubles the
 * patience: a diagram that is slow by nature gets its picture after all.
 */

const LEAST = 1_000;
const MOST = 10_000;
/** Longer than the last drawing by this factor is not to be expected. */
const FACTOR = 3;

export class Patience {
  /** In milliseconds; a worker's first drawing takes longer. */
  of(key: string, isFirst: boolean): number {
    return (this._known.get(key) ?? LEAST) * (isFirst ? 3 : 1);
  }

  /** A drawing of this preview ended by itself. */
  drawn(key: string, duration: number): void {
    this._known.set(key, clamp(duration * FACTOR));
  }

  /** A drawing of this preview was cut short. */
  cut(key: string): void {
    this._known.set(key, clamp((this._known.get(key) ?? LEAST) * 2));
  }

  private readonly _known = new Map<string, number>();
}

function clamp(patience: number): number {
  return Math.max(LEAST, Math.min(MOST, patience));
}

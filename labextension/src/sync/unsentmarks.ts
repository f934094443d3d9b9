/**
 * Where it is noted that edits are unacknowledged: in the tab's title (the
 * shared model's `dirty`) and beside the local copy, for the next page.
 */
import type { SaveState } from './savestate';
import type { RoomDoc } from './sharedmodel';

/** An edit that is acknowledged sooner leaves no trace in the tab's title. */
const DIRTY_AFTER = 400;

export class UnsentMarks {
  constructor(
    private readonly _doc: RoomDoc,
    private readonly _save: SaveState
  ) {
    window.addEventListener('pagehide', this.persist);
  }

  /** There is a copy: what is noted beside it, if anything, and how to. */
  attach(noted: boolean | null, note: (unsent: boolean) => void): void {
    this._noted = noted;
    this._note = note;
  }

  /** The copy goes: nothing is noted any more. */
  detach(): void {
    this._note = null;
  }

  /** Show in the title, a moment later, that edits are unacknowledged. */
  dirty(dirty: boolean): void {
    if (!dirty) {
      clearTimeout(this._timer);
      this._timer = undefined;
      this._doc.setDirty(false);
    } else if (this._timer === undefined) {
      this._timer = setTimeout(() => {
        this._doc.setDirty(true);
        this.persist();
      }, DIRTY_AFTER);
    }
  }

  /** Note beside the copy whether it holds what the server lacks. */
  readonly persist = (): void => {
    const { unsent } = this._save;
    if (this._note && unsent !== this._noted) {
      this._noted = unsent;
      this._note(unsent);
    }
  };

  dispose(): void {
    window.removeEventListener('pagehide', this.persist);
    clearTimeout(this._timer);
    this._note = null;
  }

  private _noted: boolean | null = null;
  private _note: ((unsent: boolean) => void) | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
}

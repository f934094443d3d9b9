/**
 * The authors of one open diagram, shown in its editor while that is wished.
 *
 * The server replays the whole past to say who wrote what: seconds, for a long
 * one. So it is asked when the text has been quiet for a moment, never more
 * often than a part of the time that it needs, and the answer is fitted to the
 * text as it has become meanwhile (see `authoredspans.ts`).
 */
import { Compartment } from '@codemirror/state';
import type { Extension } from '@codemirror/state';
import { EditorView, showPanel } from '@codemirror/view';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import type { DocumentSession } from '../sync/session';
import type { HistoryApi } from './api';
import { caughtUp, sharesOf } from './authoredspans';
import {
  authorField,
  authorship,
  lineShares,
  setChosen,
  setSpans
} from './authorfield';
import type { AuthorField } from './authorfield';
import { AuthorLegend } from './authorlegend';
import { AuthorNames } from './authornames';

/** Pause after the last change, in milliseconds. */
const QUIET = 1500;
/** While somebody types on and on. */
const LONGEST_WAIT = 8000;
/** The server rests for this many times of what the last answer took. */
const REST = 4;
const BUSY_AFTER = 300;
const AGAIN_AFTER = 10_000;

export interface IEditorAuthorsOptions {
  session: DocumentSession;
  /** `null` while the document is not known yet. */
  api: () => HistoryApi | null;
  /** This user's subject. */
  self: () => string | null;
  trans: TranslationBundle;
}

export class EditorAuthors implements IDisposable {
  constructor(private readonly _options: IEditorAuthorsOptions) {
    const { session, self, trans } = _options;
    this._people = new AuthorNames(trans, session.model);
    this._field = authorField(self);
    this._legend = new AuthorLegend(trans, this._people, author =>
      this._view?.dispatch({ effects: setChosen.of(author) })
    );
    this.extension = this._place.of([]);
    session.statusChanged.connect(this._onStatus, this);
  }

  /** What goes into the editor when it is made. */
  readonly extension: Extension;

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** The editor is there. */
  attach(view: EditorView): void {
    this._view = view;
    this._arrange();
  }

  setShown(isShown: boolean): void {
    if (isShown !== this._isShown) {
      this._isShown = isShown;
      this._arrange();
    }
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    clearTimeout(this._timer);
    this._options.session.statusChanged.disconnect(this._onStatus, this);
    this._view = null;
  }

  private _arrange(): void {
    const shown = [
      authorship(this._field, this._people),
      showPanel.of(() => ({ dom: this._legend.node, top: true })),
      EditorView.updateListener.of(update => {
        if (update.docChanged) {
          this._soon(QUIET);
        }
        if (
          update.docChanged ||
          update.selectionSet ||
          update.transactions.some(({ effects }) => effects.length)
        ) {
          this._draw();
        }
      })
    ];
    this._view?.dispatch({
      effects: this._place.reconfigure(this._isShown ? shown : [])
    });
    clearTimeout(this._timer);
    this._timer = undefined;
    this._firstChange = 0;
    if (this._isShown) {
      this._soon(0);
      this._draw();
    }
  }

  /** Whoever could not be asked is asked as soon as they are there again. */
  private _onStatus(): void {
    if (this._failed && this._options.session.status.kind === 'saved') {
      this._soon(0);
    }
  }

  /** Ask after a pause; changes meanwhile begin it anew, up to a point. */
  private _soon(pause: number): void {
    if (!this._isShown || this._isAsking) {
      this._isStale = this._isShown;
      return;
    }
    const now = performance.now();
    this._firstChange ||= now;
    const quiet = Math.min(now + pause, this._firstChange + LONGEST_WAIT);
    clearTimeout(this._timer);
    this._timer = setTimeout(
      () => void this._ask(),
      Math.max(quiet, this._restsUntil) - now
    );
  }

  private async _ask(): Promise<void> {
    const api = this._options.api();
    this._timer = undefined;
    this._firstChange = 0;
    if (!api) {
      this._soon(QUIET);
      return;
    }
    const { trans } = this._options;
    const begin = performance.now();
    this._isAsking = true;
    this._isStale = false;
    const busy = setTimeout(() => {
      this._legend.setBusy(true);
      this._draw();
    }, BUSY_AFTER);
    try {
      const [answer, { diff }] = await Promise.all([
        api.authors(),
        import('@codemirror/merge')
      ]);
      const view = this._shownView;
      if (view) {
        const { spans } = view.state.field(this._field);
        const text = view.state.doc.toString();
        const effects = setSpans.of(caughtUp(answer, text, spans, diff));
        view.dispatch({ effects });
      }
      this._failed = '';
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this._failed = trans.__('Authors are not known just now: %1', reason);
    } finally {
      clearTimeout(busy);
      this._isAsking = false;
      const end = performance.now();
      this._restsUntil = end + (end - begin) * REST;
    }
    if (this._isDisposed) {
      return;
    }
    this._legend.setBusy(false);
    this._draw();
    if (this._failed || this._isStale) {
      this._soon(this._failed ? AGAIN_AFTER : QUIET);
    }
  }

  private get _shownView(): EditorView | null {
    return this._isShown && !this._isDisposed ? this._view : null;
  }

  /** Bring the row of people in line, once a frame. */
  private _draw(): void {
    this._frame ??= requestAnimationFrame(() => {
      this._frame = undefined;
      const state = this._shownView?.state;
      const value = state?.field(this._field, false);
      if (!state || !value) {
        return;
      }
      this._legend.show(sharesOf(value.spans), value.chosen);
      const { trans } = this._options;
      if (this._failed) {
        this._legend.say(this._failed, true);
      } else if (!value.spans.length) {
        this._legend.say(
          state.doc.length ? trans.__('Looking up who wrote what…') : ''
        );
      } else {
        const { head } = state.selection.main;
        const shares = lineShares(state, this._field, head);
        const words = this._people.brief(shares);
        const { number } = state.doc.lineAt(head);
        this._legend.say(words && trans.__('Line %1: %2', number, words));
      }
    });
  }

  private readonly _people: AuthorNames;
  private readonly _field: AuthorField;
  private readonly _legend: AuthorLegend;
  private readonly _place = new Compartment();
  private _view: EditorView | null = null;
  private _isShown = false;
  private _isDisposed = false;
  private _isAsking = false;
  private _isStale = false;
  private _failed = '';
  private _firstChange = 0;
  private _restsUntil = 0;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _frame: number | undefined;
}

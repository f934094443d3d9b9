/**
 * Who wrote the texts that the history shows, where one asks for it: the bars
 * and the row of people of the editor, for both sides at once.
 *
 * For each point the server replays all that was before it, so it is asked
 * only for a point at which one stays, and its answers are kept.
 */
import { Compartment } from '@codemirror/state';
import type { Extension } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import type { RoomFile } from '../sync/sharedmodel';
import { element } from '../ui/dom';
import type { HistoryApi, IAuthors } from './api';
import { caughtUp, sharesOf } from './authoredspans';
import { authorField, authorship, setChosen, setSpans } from './authorfield';
import { AuthorLegend } from './authorlegend';
import { AuthorNames } from './authornames';
import type { IPoint } from './entries';

/** Longer than the player shows a point. */
const STAYED = 600;
const REMEMBERED = 50;

/** A text that is shown; `null` is the point of now. */
export interface IShownText {
  view: EditorView;
  point: IPoint | null;
}

export class PastAuthors implements IDisposable {
  constructor(
    private readonly _api: HistoryApi,
    private readonly _trans: TranslationBundle,
    model: RoomFile
  ) {
    this._people = new AuthorNames(_trans, model);
    this._legend = new AuthorLegend(_trans, this._people, author => {
      this._texts.forEach(({ view }) =>
        view.dispatch({ effects: setChosen.of(author) })
      );
      this._draw();
    });
    this.node = this._legend.node;
    this.node.hidden = true;
    const box = element('input', '');
    box.type = 'checkbox';
    box.addEventListener('change', () => {
      this._isOn = box.checked;
      this.node.hidden = !box.checked;
      this._arrange();
    });
    this.toggle = element('label', 'ptg-History-toggle', box);
    this.toggle.append(_trans.__('Authors'));
  }

  /** The row of people. */
  readonly node: HTMLElement;

  /** The switch. */
  readonly toggle: HTMLElement;

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** What goes into the editor of a side. */
  get extension(): Extension {
    return this._place.of([]);
  }

  /** These texts are shown now. */
  show(texts: readonly IShownText[]): void {
    const isNew = texts.some(({ view }, i) => view !== this._texts[i]?.view);
    this._texts = texts;
    if (isNew) {
      this._arrange();
    } else if (this._isOn) {
      this._later();
    }
  }

  dispose(): void {
    this._isDisposed = true;
    clearTimeout(this._timer);
    this._texts = [];
  }

  private _arrange(): void {
    const shown = this._isOn ? authorship(this._field, this._people) : [];
    this._texts.forEach(({ view }) =>
      view.dispatch({ effects: this._place.reconfigure(shown) })
    );
    clearTimeout(this._timer);
    if (this._isOn) {
      void this._ask();
    }
  }

  private _later(): void {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => void this._ask(), STAYED);
  }

  private async _ask(): Promise<void> {
    const texts = this._texts;
    const isOver = () =>
      this._isDisposed || !this._isOn || texts !== this._texts;
    this._legend.setBusy(true);
    this._draw();
    let trouble = '';
    try {
      const { diff } = await import('@codemirror/merge');
      for (const { view, point } of texts) {
        const answer = await this._authors(point);
        if (isOver()) {
          return;
        }
        const text = view.state.doc.toString();
        const spans = caughtUp(answer, text, [], diff);
        view.dispatch({ effects: setSpans.of(spans) });
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      trouble = this._trans.__('Authors are not known just now: %1', reason);
    }
    if (!isOver()) {
      this._legend.setBusy(false);
      this._draw(trouble);
    }
  }

  private async _authors(point: IPoint | null): Promise<IAuthors> {
    if (!point) {
      return this._api.authors();
    }
    let answer = this._known.get(point.seq);
    if (!answer) {
      answer = await this._api.authors(point.seq);
      if (this._known.size >= REMEMBERED) {
        this._known.clear();
      }
      this._known.set(point.seq, answer);
    }
    return answer;
  }

  /** The people of the newer text. */
  private _draw(trouble = ''): void {
    const state = this._texts[this._texts.length - 1]?.view.state;
    const value = state?.field(this._field, false);
    if (value) {
      this._legend.show(sharesOf(value.spans), value.chosen);
      this._legend.say(
        trouble ||
          (value.spans.length
            ? ''
            : this._trans.__('Looking up who wrote what…')),
        trouble !== ''
      );
    }
  }

  private readonly _field = authorField(() => null);
  private readonly _place = new Compartment();
  private readonly _people: AuthorNames;
  private readonly _legend: AuthorLegend;
  private readonly _known = new Map<number, IAuthors>();
  private _texts: readonly IShownText[] = [];
  private _isOn = false;
  private _isDisposed = false;
  private _timer: ReturnType<typeof setTimeout> | undefined;
}

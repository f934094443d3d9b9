/**
 * A document's past: a list to choose from, a slider that moves along it, the
 * text and picture of then beside those of now, and the ways back.
 */
import { showErrorMessage } from '@jupyterlab/apputils';
import { Time } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import { Debouncer } from '@lumino/polling';
import { Widget } from '@lumino/widgets';
import { element } from '../diagram/dom';
import type { IDiagramRenderer } from '../diagram/tokens';
import type { DocumentSession } from '../rooms/session';
import { ErrorLine } from '../sharing/controls';
import { actionButtons, HistoryActions } from './actions';
import type { IPoint } from './actions';
import type { HistoryApi, IStretch, IVersion } from './api';
import { clearMarks, markChanges } from './changes';
import { Comparison } from './comparison';
import { entriesOf, stopsOf, stretchAt } from './entries';
import type { Entry } from './entries';
import { Player } from './player';
import { PictureBox } from './pictures';
import { PastTexts } from './texts';
import { TimeList } from './timelist';

export interface IHistoryOptions {
  api: HistoryApi;
  renderer: IDiagramRenderer;
  trans: TranslationBundle;
  key: string;
  /** The open document, which is there for as long as its tab is. */
  session: DocumentSession;
  isDark: () => boolean;
}

const REFRESH_AFTER = 1500;

export class HistoryPanel extends Widget {
  constructor(private readonly _options: IHistoryOptions) {
    super();
    const { api, session, trans } = _options;
    this.addClass('ptg-History');
    this._actions = new HistoryActions(api, session, trans);
    this._past = new PastTexts(api);
    this._list = new TimeList(trans, {
      onSelect: entry => this._select(entry),
      onMore: () => void this._do(() => this._more())
    });
    this._player = new Player(trans, seq => this._goto(seq));
    this._texts = new Comparison({
      then: trans.__('Text then'),
      now: trans.__('Text now')
    });
    const box = (which: string) =>
      new PictureBox({ ..._options, key: `${_options.key}-${which}` });
    this._then = box('then');
    this._now = box('now');
    this.node.append(this._list.node, this._view());
    this._later = new Debouncer(
      () => this._do(() => this.refresh()),
      REFRESH_AFTER
    );
    this._setComparing(true);
    this._onStatus();
    session.statusChanged.connect(this._onStatus, this);
    session.model.changed.connect(this._onChange, this);
  }

  /** The theme changed: draw again. */
  redraw(): void {
    void this._do(() => this._show());
  }

  /** Read the newest part of the list again. */
  async refresh(): Promise<void> {
    const { api } = this._options;
    const [page, versions, source] = await Promise.all([
      api.timeline(),
      api.versions(),
      api.source()
    ]);
    if (this.isDisposed) {
      return;
    }
    const oldest = page.items[page.items.length - 1]?.first ?? 0;
    const older = this._stretches.filter(({ last }) => last < oldest);
    this._stretches = [...page.items, ...older];
    if (!older.length) {
      this._next = page.next;
    }
    this._versions = versions;
    this._source = source;
    this._showList();
    if (!this._point && this._entries.length) {
      this._select(this._entries[0]);
    } else {
      await this._show();
    }
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    const { session } = this._options;
    session.statusChanged.disconnect(this._onStatus, this);
    session.model.changed.disconnect(this._onChange, this);
    this._player.stop();
    this._later.dispose();
    this._texts.dispose();
    super.dispose();
  }

  protected onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    void this._do(() => this.refresh());
  }

  protected onAfterHide(msg: Message): void {
    super.onAfterHide(msg);
    this._player.stop();
  }

  /** The document changed: catch up soon. */
  private _onChange(): void {
    if (this.isVisible) {
      void this._later.invoke();
    }
  }

  /** What one may do follows the role. */
  private _onStatus(): void {
    this.toggleClass('ptg-mod-locked', !this._options.session.writable);
  }

  private _view(): HTMLElement {
    const { trans } = this._options;
    this._compare.type = 'checkbox';
    this._compare.addEventListener('change', () => {
      this._setComparing(this._compare.checked);
      void this._do(() => this._show());
    });
    const compare = element('label', '', this._compare);
    compare.append(trans.__('Compare with now'));
    const act = (run: (point: IPoint) => Promise<boolean>) => () => {
      const point = this._point;
      if (point) {
        void this._do(async () => {
          if (await run(point)) {
            await this.refresh();
          }
        });
      }
    };
    const actions = actionButtons(trans, {
      name: act(point => this._actions.name(point)),
      undo: act(async ({ stretch }) =>
        stretch ? this._actions.rollback(stretch) : false
      ),
      restore: act(point => this._actions.restore(point))
    });
    this._undo = actions.undo;
    return element(
      'div',
      'ptg-History-view',
      element('div', 'ptg-History-bar', this._title, compare, actions.node),
      this._player.node,
      this._error.node,
      element(
        'div',
        'ptg-History-heads',
        element('span', '', trans.__('Then')),
        element('span', 'ptg-mod-now', trans.__('Now'))
      ),
      this._texts.node,
      element('div', 'ptg-History-pictures', this._then.node, this._now.node)
    );
  }

  private _setComparing(comparing: boolean): void {
    this._compare.checked = comparing;
    this.toggleClass('ptg-mod-single', !comparing);
  }

  private async _more(): Promise<void> {
    const page = await this._options.api.timeline(this._next);
    this._stretches = [...this._stretches, ...page.items];
    this._next = page.next;
    this._showList();
  }

  private _showList(): void {
    this._entries = entriesOf(this._stretches, this._versions);
    this._list.show(this._entries, this._next !== null);
    this._player.setStops(stopsOf(this._stretches));
    this._showPlace();
  }

  private _select(entry: Entry): void {
    this._player.stop();
    const isVersion = entry.kind === 'version';
    this._point = {
      seq: entry.seq,
      time: isVersion ? entry.version.at : entry.stretch.end,
      version: isVersion ? entry.version : null,
      stretch: isVersion ? null : entry.stretch
    };
    this._list.select(entry.key);
    this._showPlace();
    void this._do(() => this._show());
  }

  /** Go to a row. */
  private _goto(seq: number): void {
    const stretch = stretchAt(this._stretches, seq);
    if (!stretch) {
      return;
    }
    this._point = { seq, time: stretch.end, version: null, stretch };
    this._list.select(`s${stretch.first}`);
    this._showPlace();
    void this._do(() => this._show());
  }

  private _showPlace(): void {
    const point = this._point;
    if (point) {
      this._player.place(point.seq);
      const who = point.version?.name ?? point.stretch?.author ?? '';
      this._title.textContent = `${who} · ${Time.format(point.time)}`;
    }
    this._undo.disabled = !point?.stretch?.author;
  }

  private async _show(): Promise<void> {
    const point = this._point;
    if (!point) {
      return;
    }
    const then = await this._past.at(point);
    if (point !== this._point || this.isDisposed) {
      return;
    }
    const comparing = this._compare.checked;
    const [{ diff }] = await Promise.all([
      import('@codemirror/merge'),
      this._texts.show(then, comparing ? this._source : then),
      this._then.show(then),
      comparing ? this._now.show(this._source) : null
    ]);
    const [older, newer] = [this._then.drawn, this._now.drawn];
    if (comparing && older && newer) {
      markChanges(older, newer, diff);
    } else if (older) {
      clearMarks(older.svg);
    }
  }

  private async _do(action: () => Promise<void>): Promise<void> {
    this._error.clear();
    try {
      await action();
    } catch (error) {
      if (this.isVisible) {
        this._error.show(error);
      } else if (!this.isDisposed) {
        await showErrorMessage(
          this._options.trans.__('Cannot show the history'),
          error as Error
        );
      }
    }
  }

  private readonly _actions: HistoryActions;
  private readonly _list: TimeList;
  private readonly _texts: Comparison;
  private readonly _then: PictureBox;
  private readonly _now: PictureBox;
  private readonly _later: Debouncer<void>;
  private readonly _title = element('strong', 'ptg-History-title');
  private readonly _compare = element('input', '');
  private readonly _player: Player;
  private readonly _error = new ErrorLine();
  private _undo!: HTMLButtonElement;
  private readonly _past: PastTexts;
  private _stretches: IStretch[] = [];
  private _versions: IVersion[] = [];
  private _entries: Entry[] = [];
  private _next: string | null = null;
  private _source = '';
  private _point: IPoint | null = null;
}

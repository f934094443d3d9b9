/**
 * A document's past: a list to choose from, a slider that moves along it, the
 * texts and pictures of two points side by side, and the ways back.
 */
import { showErrorMessage } from '@jupyterlab/apputils';
import type { Message } from '@lumino/messaging';
import { Debouncer } from '@lumino/polling';
import { Widget } from '@lumino/widgets';
import { ErrorLine } from '../ui/controls';
import { element } from '../ui/dom';
import { actionButtons, HistoryActions } from './actions';
import type { IEditSession, IVersion } from './api';
import { entriesOf, pointOf, stopsOf, editSessionAt } from './entries';
import type { Entry, IPoint } from './entries';
import type { IHistoryOptions } from './options';
import { PastTexts } from './pasttexts';
import { Player } from './player';
import { SideBySide } from './sidebyside';
import { OtherSide, titleOf } from './sides';
import { TimeList } from './timelist';

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
      onCompare: entry => {
        this._other.choose(entry.key);
        this._onOther();
      },
      onMore: () => void this._do(() => this._more())
    });
    this._player = new Player(trans, seq => this._goto(seq));
    this._other = new OtherSide(trans, () => this._onOther());
    this._sides = new SideBySide(_options);
    this.node.append(this._list.node, this._view());
    this._later = new Debouncer(
      () => this._do(() => this.refresh()),
      REFRESH_AFTER
    );
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
    const older = this._sessions.filter(({ last }) => last < oldest);
    this._sessions = [...page.items, ...older];
    if (!older.length) {
      this._next = page.next;
    }
    this._versions = versions;
    this._source = source;
    this._showList();
    const [newest] = this._entries;
    if (!this._point && newest) {
      this._select(newest);
    } else {
      await this._show();
    }
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    const { session } = this._options;
    session.statusChanged.disconnect(this._onStatus, this);
    session.model.changed.disconnect(this._onChange, this);
    this._player.stop();
    this._later.dispose();
    this._sides.dispose();
    super.dispose();
  }

  protected override onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    void this._do(() => this.refresh());
  }

  protected override onAfterHide(msg: Message): void {
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
      undo: act(async ({ session }) =>
        session ? this._actions.rollback(session) : false
      ),
      restore: act(point => this._actions.restore(point))
    });
    this._undo = actions.undo;
    const { toggle } = this._sides.authors;
    this._player.node.append(toggle, this._other.node);
    return element(
      'div',
      'ptg-History-view',
      element('div', 'ptg-History-bar', this._title, actions.node),
      this._player.node,
      this._error.node,
      ...this._sides.nodes
    );
  }

  private _onOther(): void {
    this._list.select(this._key, this._other.key);
    void this._do(() => this._show());
  }

  private async _more(): Promise<void> {
    const page = await this._options.api.timeline(this._next);
    this._sessions = [...this._sessions, ...page.items];
    this._next = page.next;
    this._showList();
  }

  private _showList(): void {
    this._entries = entriesOf(this._sessions, this._versions);
    this._list.show(this._entries, this._next !== null);
    this._other.offer(this._entries);
    this._list.select(this._key, this._other.key);
    this._player.setStops(stopsOf(this._sessions));
    this._showPlace();
  }

  private _select(entry: Entry): void {
    this._player.stop();
    this._look(pointOf(entry), entry.key);
  }

  private _goto(seq: number): void {
    const session = editSessionAt(this._sessions, seq);
    if (!session) {
      return;
    }
    const point = { seq, time: session.end, version: null, session };
    this._look(point, `s${session.first}`);
  }

  private _look(point: IPoint, key: string): void {
    this._point = point;
    this._key = key;
    this._list.select(key, this._other.key);
    this._showPlace();
    void this._do(() => this._show());
  }

  private _showPlace(): void {
    const point = this._point;
    if (point) {
      this._player.place(point.seq);
      const words = titleOf(point, this._options.trans);
      this._title.textContent = this._title.title = words;
    }
    this._undo.disabled = !point?.session?.author;
  }

  private async _show(): Promise<void> {
    const point = this._point;
    if (!point) {
      return;
    }
    const turn = ++this._turn;
    const { older, newer } = this._other.sidesOf(point);
    const isAlone = newer === undefined;
    const [a, b] = await Promise.all([
      this._past.at(older),
      newer ? this._past.at(newer) : this._source
    ]);
    if (turn !== this._turn || this.isDisposed) {
      return;
    }
    this.toggleClass('ptg-mod-single', isAlone);
    await this._sides.show(
      { older, newer },
      [a, isAlone ? a : b],
      () => turn === this._turn && !this.isDisposed
    );
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
  private readonly _other: OtherSide;
  private readonly _sides: SideBySide;
  private readonly _later: Debouncer<void>;
  private readonly _title = element('strong', 'ptg-History-title');
  private readonly _player: Player;
  private readonly _error = new ErrorLine();
  private _undo!: HTMLButtonElement;
  private readonly _past: PastTexts;
  private _sessions: IEditSession[] = [];
  private _versions: IVersion[] = [];
  private _entries: Entry[] = [];
  private _next: string | null = null;
  private _source = '';
  private _point: IPoint | null = null;
  private _key: string | null = null;
  private _turn = 0;
}

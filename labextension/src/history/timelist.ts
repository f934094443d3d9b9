/** The list of sessions and versions, the newest first. */
import { Time } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { button, disc } from '../ui/controls';
import { element } from '../ui/dom';
import { when } from '../ui/when';
import type { Entry } from './entries';

export class TimeList {
  readonly node = element('div', 'ptg-History-list');

  constructor(
    private readonly _trans: TranslationBundle,
    private readonly _options: {
      onSelect: (entry: Entry) => void;
      /** Compare what is selected with this one. */
      onCompare: (entry: Entry) => void;
      onMore: () => void;
    }
  ) {
    this._rows.setAttribute('role', 'listbox');
    this._rows.setAttribute('aria-label', _trans.__('History'));
    this._rows.addEventListener('keydown', event => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const at = this._entries.findIndex(({ key }) => key === this._selected);
      const next = step === undefined ? undefined : this._entries[at + step];
      if (next) {
        event.preventDefault();
        this._options.onSelect(next);
        this._row(next.key)?.focus();
      }
    });
    this._more = button(_trans.__('Load more'), _options.onMore);
    this.node.append(this._rows, this._more);
  }

  show(entries: Entry[], hasMore: boolean): void {
    this._entries = entries;
    const nobody = element(
      'p',
      'ptg-History-empty',
      this._trans.__('Nothing has been changed here yet.')
    );
    this._rows.replaceChildren(
      ...(entries.length ? entries.map(entry => this._make(entry)) : [nobody])
    );
    this._more.hidden = !hasMore;
  }

  /** Mark what is looked at, and what it is compared with. */
  select(key: string | null, other: string | null): void {
    this._selected = key;
    for (const row of this._rows.querySelectorAll<HTMLElement>('[data-key]')) {
      const isSelected = row.dataset.key === key;
      row.setAttribute('aria-selected', String(isSelected));
      row.classList.toggle('ptg-mod-other', row.dataset.key === other);
      row.tabIndex = isSelected ? 0 : -1;
      if (isSelected) {
        row.scrollIntoView({ block: 'nearest' });
      }
    }
  }

  private _row(key: string): HTMLElement | null {
    return this._rows.querySelector(`[data-key="${CSS.escape(key)}"]`);
  }

  private _make(entry: Entry): HTMLElement {
    const trans = this._trans;
    const isVersion = entry.kind === 'version';
    const who = isVersion
      ? entry.version.by
      : entry.session.author || trans.__('older edits');
    const time = isVersion ? entry.version.at : entry.session.end;
    const what = isVersion
      ? trans.__('by %1', who)
      : trans._n('%1 edit', '%1 edits', entry.session.rows);
    const row = element(
      'div',
      'ptg-History-entry',
      disc(who, 'user'),
      element(
        'div',
        'ptg-History-words',
        element('strong', '', isVersion ? entry.version.name : who),
        element('span', '', `${when(time, Date.now())} · ${what}`)
      )
    );
    row.classList.toggle('ptg-mod-version', isVersion);
    row.dataset.key = entry.key;
    row.title = trans.__(
      '%1\nCtrl and click: compare with the chosen one',
      Time.format(time)
    );
    row.setAttribute('role', 'option');
    row.addEventListener('click', event => {
      if (event.ctrlKey || event.metaKey) {
        this._options.onCompare(entry);
      } else {
        this._options.onSelect(entry);
      }
    });
    return row;
  }

  private readonly _rows = element('div', 'ptg-History-rows');
  private readonly _more: HTMLButtonElement;
  private _entries: Entry[] = [];
  private _selected: string | null = null;
}

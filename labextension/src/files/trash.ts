/**
 * The trash: what was deleted in a room, or which rooms, with the ways back
 * and the way out for good.
 *
 * The dialog stays open while things are brought back or removed; each row
 * asks its own question (`TrashRow`). Who may not do something sees that it
 * is there, and why it is not for them.
 */
import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { element } from '../ui/dom';
import { FormDialog } from '../ui/formdialog';
import type { ITrashEntry } from './trashentry';
import { TrashRow } from './trashrow';

export interface ITrashOptions {
  title: string;
  /** What an empty trash says. */
  nothing: string;
  entries: ITrashEntry[];
  /** The names that are taken where it would go back to. */
  taken: () => Promise<string[]>;
  /** After how many days the server removes it; 0: never. */
  retention: number;
  trans: TranslationBundle;
}

/**
 * Show the trash until it is closed.
 *
 * @returns The local path of what the user wants to open now, if any.
 */
export async function showTrash(
  options: ITrashOptions
): Promise<string | null> {
  const body = new TrashBody(options);
  const dialog = new FormDialog({
    title: options.title,
    body,
    buttons: [Dialog.okButton({ label: options.trans.__('Close') })],
    // Lab keeps what it finds, and rows go: the list hands the focus on.
    focusNodeSelector: '.ptg-Trash-list',
    hasClose: true
  });
  dialog.addClass('ptg-TrashDialog');
  body.opened = () => dialog.resolve(0);
  await dialog.launch();
  return body.toOpen;
}

class TrashBody extends Widget {
  constructor(private readonly _options: ITrashOptions) {
    super();
    this.addClass('ptg-Trash');
  }

  /** What the user wants to open. */
  toOpen: string | null = null;

  /** Called when the user wants to open something. */
  opened: () => void = () => undefined;

  /** Lab styles the fields that a dialog begins with in a way of its own. */
  protected override onBeforeAttach(): void {
    const { entries, nothing, retention, trans } = this._options;
    this._empty.textContent = nothing;
    this._list.setAttribute('aria-label', trans.__('What was deleted'));
    const latest = [...entries].sort((a, b) =>
      b.deleted.localeCompare(a.deleted)
    );
    this._rows = latest.map(
      entry =>
        new TrashRow(entry, {
          ...this._options,
          removed: row => this._onRemoved(row),
          open: path => {
            this.toOpen = path;
            this.opened();
          }
        })
    );
    this._list.append(...this._rows.map(({ node }) => node));
    this._list.tabIndex = -1;
    this._list.addEventListener('focus', () => this._focusRow(0));
    this._list.addEventListener('keydown', this._onKeydown);
    const form = element('form', '', this._list);
    form.addEventListener('submit', event => event.preventDefault());
    this.node.append(this._empty, form);
    for (const note of [this._whoMay(), retentionWords(retention, trans)]) {
      if (note) {
        this.node.append(element('p', 'ptg-Trash-note', note));
      }
    }
    this._update();
  }

  /** What disabled buttons mean, once for all rows. */
  private _whoMay(): string | null {
    const reasons = this._options.entries.map(
      ({ noPurge, noRestore }) => noRestore ?? noPurge
    );
    return reasons.find(reason => reason !== null) ?? null;
  }

  private _onRemoved(row: TrashRow): void {
    const at = this._rows.indexOf(row);
    this._rows.splice(at, 1);
    row.node.remove();
    this._update();
    this._focusRow(Math.min(at, this._rows.length - 1));
  }

  /** Focus a row, or where there is none the dialog's own button. */
  private _focusRow(at: number): void {
    if (!this._rows[at]?.focus()) {
      this.node
        .closest('.jp-Dialog')
        ?.querySelector<HTMLElement>('.jp-Dialog-footer .jp-mod-accept')
        ?.focus();
    }
  }

  private _update(): void {
    this._empty.hidden = this._rows.length > 0;
  }

  /** Arrows go from row to row, Delete asks whether it goes for good. */
  private _onKeydown = (event: KeyboardEvent): void => {
    const at = this._rows.findIndex(({ node }) =>
      node.contains(event.target as Node)
    );
    if (at === -1 || event.target instanceof HTMLInputElement) {
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      this._rows[at + step]?.focus();
    } else if (event.key === 'Delete') {
      event.preventDefault();
      this._rows[at]?.ask();
    }
  };

  private _rows: TrashRow[] = [];
  private readonly _list = element('ul', 'ptg-Trash-list');
  private readonly _empty = element('p', 'ptg-Trash-empty');
}

function retentionWords(days: number, trans: TranslationBundle): string | null {
  if (!days) {
    return null;
  }
  return Number.isInteger(days)
    ? trans._n(
        'What was deleted is removed for good after one day.',
        'What was deleted is removed for good after %1 days.',
        days
      )
    : trans.__('What was deleted is removed for good after %1 days.', days);
}

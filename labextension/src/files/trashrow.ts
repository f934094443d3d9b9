/**
 * One entry of the trash with its two ways, and the question that each may
 * need: another name, because the old one is taken by now; or whether it is
 * meant, because it is for good.
 */
import { Time } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { statusOf } from '../server/errors';
import { freeName } from '../server/names';
import { button, ErrorLine } from '../ui/controls';
import { element } from '../ui/dom';
import { INNER } from '../ui/formdialog';
import { when } from '../ui/when';
import type { ITrashEntry } from './trashentry';

export interface ITrashRowOptions {
  trans: TranslationBundle;
  taken: () => Promise<string[]>;
  retention: number;
  /** It is gone for good. */
  removed: (row: TrashRow) => void;
  /** The user wants to open what is there again. */
  open: (path: string) => void;
}

const DAY = 86_400_000;

export class TrashRow {
  readonly node = element('li', 'ptg-Trash-row');

  constructor(
    private readonly _entry: ITrashEntry,
    private readonly _options: ITrashRowOptions
  ) {
    const { trans } = _options;
    const { name, noPurge, noRestore } = _entry;
    this._restore = button(trans.__('Restore'), () => void this._onRestore());
    this._restore.setAttribute('aria-label', trans.__('Restore %1', name));
    this._purge = button(
      trans.__('Delete for good…'),
      () => this.ask(),
      'ptg-mod-warn'
    );
    this._purge.setAttribute(
      'aria-label',
      trans.__('Delete %1 for good', name)
    );
    for (const [node, reason] of [
      [this._restore, noRestore],
      [this._purge, noPurge]
    ] as const) {
      node.disabled = reason !== null;
      node.title = reason ?? '';
    }
    const title = element('span', 'ptg-Trash-name', name);
    title.title = name;
    const meta = this._meta().map((text, i) => {
      const line = element('span', 'ptg-Trash-meta', text);
      line.title = i ? '' : Time.format(_entry.deleted);
      return line;
    });
    this._what = element('div', 'ptg-Trash-what', title, ...meta);
    this._line = element(
      'div',
      'ptg-Trash-line',
      this._what,
      this._restore,
      this._purge
    );
    this.node.append(this._line, this._question, this._error.node);
    this._question.hidden = true;
    this._question.setAttribute('role', 'group');
    this._question.addEventListener('keydown', event => {
      if (event.key === 'Escape') {
        event.stopPropagation();
        this._close();
      }
    });
  }

  /** Whether there is something in it to focus. */
  focus(): boolean {
    const first = this._line.querySelector<HTMLElement>(
      'button:not(:disabled)'
    );
    first?.focus();
    return first !== null;
  }

  /** Ask whether it is to be removed for good. */
  ask(): void {
    const { trans } = this._options;
    if (this._purge.disabled) {
      return;
    }
    const keep = button(trans.__('Keep it'), () => this._close());
    const purge = button(
      trans.__('Delete for good'),
      () => void this._onPurge(),
      'ptg-mod-danger'
    );
    this._show(this._entry.warning, keep, purge);
    keep.focus();
  }

  /** What it is and how it came here, and when it leaves by itself. */
  private _meta(): string[] {
    const { trans, retention } = this._options;
    const { kind, deleted, by } = this._entry;
    const now = Date.now();
    const ago = when(deleted, now);
    const how =
      by === null
        ? trans.__('deleted %1', ago)
        : trans.__('deleted %1 by %2', ago, by);
    if (!retention) {
      return [`${kind} · ${how}`];
    }
    const end = new Date(deleted).getTime() + retention * DAY;
    return [
      `${kind} · ${how}`,
      end > now
        ? trans.__('removed %1', when(new Date(end).toISOString(), now))
        : trans.__('removed soon')
    ];
  }

  private async _onRestore(): Promise<void> {
    const { taken } = this._options;
    await this._do(async () => {
      try {
        this._restored(await this._entry.restore(), this._entry.name);
      } catch (error) {
        if (statusOf(error) !== 409) {
          throw error;
        }
        this._askName(freeName(this._entry.name, await taken()));
      }
    });
  }

  private _askName(free: string): void {
    const { trans } = this._options;
    const { name } = this._entry;
    const input = element('input', 'jp-mod-styled');
    input.type = 'text';
    input.spellcheck = false;
    input.value = free;
    input.setAttribute('aria-label', trans.__('Restore it as'));
    const again = async () => {
      const wanted = input.value.trim();
      if (!wanted) {
        input.focus();
        return;
      }
      await this._do(async () => {
        this._restored(await this._entry.restore(wanted), wanted);
      });
      if (!this._question.hidden) {
        input.focus();
      }
    };
    input.addEventListener('keydown', event => {
      if (event.key === 'Enter') {
        event.preventDefault();
        void again();
      }
    });
    this._show(
      trans.__('“%1” is there already. Restore it as', name),
      input,
      button(trans.__('Cancel'), () => this._close()),
      button(trans.__('Restore'), () => void again(), 'ptg-mod-accept')
    );
    input.focus();
    const dot = free.lastIndexOf('.');
    input.setSelectionRange(0, dot > 0 ? dot : free.length);
  }

  private _restored(path: string, name: string): void {
    const { trans, open } = this._options;
    this._question.hidden = true;
    const show = button(trans.__('Open'), () => open(path), 'ptg-mod-accept');
    show.setAttribute('aria-label', trans.__('Open %1', name));
    const said =
      name === this._entry.name
        ? trans.__('Restored')
        : trans.__('Restored as “%1”', name);
    const note = element('span', 'ptg-Trash-meta', said);
    note.setAttribute('role', 'status');
    this._what
      .querySelectorAll('.ptg-Trash-meta')
      .forEach(line => line.remove());
    this._what.append(note);
    this._restore.remove();
    this._purge.remove();
    this._line.append(show);
    show.focus();
  }

  private async _onPurge(): Promise<void> {
    const isGone = await this._do(() => this._entry.purge());
    if (isGone) {
      this._options.removed(this);
    }
  }

  private _show(text: string, ...controls: HTMLElement[]): void {
    this._error.clear();
    this._question.setAttribute('aria-label', text);
    this._question.replaceChildren(element('p', '', text), ...controls);
    this._question.hidden = false;
    this._question.scrollIntoView({ block: 'nearest' });
  }

  private _close(): void {
    this._question.hidden = true;
    this._error.clear();
    this.focus();
  }

  /** Do it with the row locked; whether it worked. */
  private async _do(action: () => Promise<void>): Promise<boolean> {
    this._error.clear();
    const focused = document.activeElement;
    const controls = Array.from(
      this.node.querySelectorAll<HTMLButtonElement>('button:not(:disabled)')
    );
    controls.forEach(control => (control.disabled = true));
    try {
      await action();
      return true;
    } catch (error) {
      this._error.show(error);
      return false;
    } finally {
      controls.forEach(control => (control.disabled = false));
      // A button that is disabled loses the focus.
      if (document.activeElement === document.body) {
        (focused as HTMLElement | null)?.focus();
      }
    }
  }

  private readonly _line: HTMLElement;
  private readonly _what: HTMLElement;
  private readonly _restore: HTMLButtonElement;
  private readonly _purge: HTMLButtonElement;
  private readonly _question = element('div', `ptg-Trash-question ${INNER}`);
  private readonly _error = new ErrorLine();
}

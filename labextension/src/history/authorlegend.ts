/**
 * Who wrote how much of a text: a row of people, each a switch that dims what
 * the others wrote, and in words whose the line at the caret is. The bars
 * beside the text say nothing to a screen reader; this row does.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { element } from '../ui/dom';
import type { IShare } from './authoredspans';
import { percent } from './authornames';
import type { AuthorNames } from './authornames';

export class AuthorLegend {
  readonly node = element('div', 'ptg-Authors');

  constructor(
    private readonly _trans: TranslationBundle,
    private readonly _people: AuthorNames,
    /** An author was chosen, or nobody any more. */
    private readonly _onChoose: (author: string | undefined) => void
  ) {
    this._chips.setAttribute('role', 'group');
    this._chips.setAttribute('aria-label', _trans.__('Authors of this text'));
    this._note.setAttribute('role', 'status');
    this._chips.addEventListener('keydown', event => {
      if (event.key === 'Escape' && this._chosen !== undefined) {
        event.stopPropagation();
        this._onChoose(undefined);
      }
    });
    this.node.append(this._chips, this._note);
  }

  show(shares: readonly IShare[], chosen: string | undefined): void {
    const known = shares.filter(({ author }) => author !== null);
    const shape = JSON.stringify([
      chosen,
      known.map(({ author, part }) => [
        author,
        this._people.name(author),
        percent(part)
      ])
    ]);
    this._chosen = chosen;
    if (shape === this._shape) {
      return;
    }
    this._shape = shape;
    const focused = (document.activeElement as HTMLElement | null)?.dataset;
    const hadFocus = this._chips.contains(document.activeElement);
    this._chips.replaceChildren(...known.map(share => this._chip(share)));
    if (hadFocus) {
      this._focus(focused?.author ?? '');
    }
  }

  /** A word beside the people: whose a line is, or why nothing is known. */
  say(words: string, isTrouble = false): void {
    // The same words again would be read aloud again.
    if (this._note.textContent !== words) {
      this._note.textContent = words;
      this._note.title = words;
    }
    this._note.classList.toggle('ptg-mod-trouble', isTrouble);
  }

  /** The server is being asked, and it takes long. */
  setBusy(isBusy: boolean): void {
    this.node.classList.toggle('ptg-mod-busy', isBusy);
    this._chips.setAttribute('aria-busy', String(isBusy));
  }

  private _chip({ author, part }: IShare): HTMLButtonElement {
    const trans = this._trans;
    const people = this._people;
    const name = people.name(author);
    const dot = element('span', 'ptg-Authors-dot');
    dot.style.background = people.color(author);
    const share = trans.__('%1%', percent(part));
    const chip = element(
      'button',
      'ptg-Authors-chip',
      dot,
      element('span', 'ptg-Authors-name', name),
      element('span', 'ptg-Authors-share', share)
    );
    const isChosen = author === this._chosen;
    chip.type = 'button';
    chip.dataset.author = author ?? '';
    chip.setAttribute('aria-pressed', String(isChosen));
    chip.title = isChosen
      ? trans.__('Show all again')
      : trans.__('Show what %1 wrote, dim the rest', name);
    chip.setAttribute(
      'aria-label',
      trans.__('%1, %2 of the text', name, share)
    );
    chip.addEventListener('click', () =>
      this._onChoose(isChosen ? undefined : (author ?? undefined))
    );
    return chip;
  }

  private _focus(author: string): void {
    const chip = this._chips.querySelector<HTMLElement>(
      `[data-author="${CSS.escape(author)}"]`
    );
    chip?.focus();
  }

  private readonly _chips = element('div', 'ptg-Authors-chips');
  private readonly _note = element('span', 'ptg-Authors-note');
  private _chosen: string | undefined;
  private _shape = '';
}

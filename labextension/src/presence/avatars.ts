/**
 * Who is here: a row of avatars in a diagram's toolbar.
 *
 * One disc per person, in the colour of their caret; a click brings that caret
 * into view. The row says in words, to a screen reader too, what it shows.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import type { RoomFile } from '../sync/sharedmodel';
import { readableOn } from '../ui/identity';
import type { IPerson } from './people';
import { label, peopleOf } from './people';

/** More people than this become "+n". */
const SHOWN = 5;

export interface IAvatarsOptions {
  model: RoomFile;
  trans: TranslationBundle;
  /** Bring one of these clients' carets into view. */
  reveal: (clients: number[]) => void;
}

export class Avatars extends Widget {
  constructor(private readonly _options: IAvatarsOptions) {
    super();
    this.addClass('ptg-Avatars');
    this.node.setAttribute('role', 'group');
    this.node.addEventListener('click', this._onClick);
    _options.model.awareness.on('change', this._onChange);
    this._onChange();
  }

  /** Those who are shown, and those behind "+n". */
  get people(): readonly IPerson[] {
    return this._people;
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._options.model.awareness.off('change', this._onChange);
    this.node.removeEventListener('click', this._onClick);
    super.dispose();
  }

  protected override onUpdateRequest(msg: Message): void {
    super.onUpdateRequest(msg);
    const { trans } = this._options;
    const people = this._people;
    const shown = people.length > SHOWN ? people.slice(0, SHOWN - 1) : people;
    const names = people.map(person => this._title(person));
    this.node.setAttribute(
      'aria-label',
      people.length
        ? trans.__('Here with you: %1', names.join(', '))
        : trans.__('Nobody else is here')
    );
    const discs = shown.map(person => this._disc(person));
    if (shown.length < people.length) {
      discs.push(this._overflow(people.slice(shown.length)));
    }
    this.node.replaceChildren(...discs);
    this.setHidden(people.length === 0);
  }

  private _disc(person: IPerson): HTMLElement {
    const { user } = person;
    const disc = document.createElement('button');
    disc.type = 'button';
    disc.className = 'ptg-Avatar';
    disc.classList.toggle('ptg-mod-notebook', user.kind === 'notebook');
    disc.dataset.key = person.key;
    disc.title = this._title(person);
    disc.setAttribute('aria-label', disc.title);
    disc.style.setProperty('--ptg-person', user.color);
    disc.style.setProperty('--ptg-person-text', readableOn(user.color));
    if (user.avatar_url) {
      const image = document.createElement('img');
      image.src = user.avatar_url;
      image.alt = '';
      disc.appendChild(image);
    } else {
      disc.textContent = user.initials.slice(0, 2);
    }
    return disc;
  }

  private _overflow(rest: readonly IPerson[]): HTMLElement {
    const more = document.createElement('span');
    more.className = 'ptg-Avatar ptg-mod-more';
    more.textContent = `+${rest.length}`;
    more.title = rest.map(person => this._title(person)).join('\n');
    return more;
  }

  private _title(person: IPerson): string {
    const { trans } = this._options;
    const name = label(person.user, trans);
    return person.self && person.user.kind === 'browser'
      ? trans.__('%1 (you, in another window)', name)
      : name;
  }

  private _onChange = (): void => {
    const { awareness, ydoc } = this._options.model;
    this._people = peopleOf(awareness.getStates(), ydoc.clientID);
    const shape = JSON.stringify(
      this._people.map(person => [person.user, person.self])
    );
    // A moved caret is no reason to draw the row anew.
    if (shape !== this._shape) {
      this._shape = shape;
      this.update();
    }
  };

  private _onClick = (event: MouseEvent): void => {
    const disc = (event.target as Element).closest<HTMLElement>('[data-key]');
    const person = this._people.find(({ key }) => key === disc?.dataset.key);
    if (person) {
      this._options.reveal(person.clients);
    }
  };

  private _people: IPerson[] = [];
  private _shape = '';
}

/**
 * The questions that rooms ask: which room, and what to call a diagram.
 */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

/** Where a text is to go. */
export interface IDocumentLocation {
  room: string;
  name: string;
}

class PlaceBody extends Widget {
  constructor(
    trans: TranslationBundle,
    rooms: readonly string[],
    given: IDocumentLocation,
    note: string
  ) {
    super();
    this.addClass('ptg-PlaceBody');
    const list = document.createElement('datalist');
    list.id = 'ptg-PlaceBody-rooms';
    list.append(...rooms.map(room => new Option(room, room)));
    this._room.setAttribute('list', list.id);
    this._room.value = given.room;
    this._room.placeholder = trans.__('A room, also a new one');
    this._name.value = given.name;
    this._room.classList.add('ptg-PlaceBody-room');
    this._name.classList.add('ptg-PlaceBody-name');
    this.node.append(
      field(trans.__('Room'), this._room),
      list,
      field(trans.__('Name'), this._name)
    );
    if (note) {
      const text = document.createElement('p');
      text.className = 'ptg-PlaceBody-note';
      text.textContent = note;
      this.node.append(text);
    }
  }

  getValue(): IDocumentLocation {
    return { room: this._room.value.trim(), name: this._name.value.trim() };
  }

  protected override onAfterAttach(): void {
    const input = this._room.value ? this._name : this._room;
    const dot = input.value.lastIndexOf('.');
    input.setSelectionRange(0, dot > 0 ? dot : input.value.length);
  }

  private readonly _room = textInput();
  private readonly _name = textInput();
}

function textInput(): HTMLInputElement {
  const input = document.createElement('input');
  input.type = 'text';
  input.className = 'jp-mod-styled';
  input.required = true;
  input.spellcheck = false;
  return input;
}

function field(caption: string, input: HTMLInputElement): HTMLElement {
  const label = document.createElement('label');
  const text = document.createElement('span');
  text.textContent = caption;
  label.append(text, input);
  return label;
}

/** Ask for a room, which may be a new one, and a name. */
export async function askLocation(
  trans: TranslationBundle,
  options: {
    title: string;
    accept: string;
    rooms: readonly string[];
    given: IDocumentLocation;
    /** What else is to be known. */
    note?: string;
  }
): Promise<IDocumentLocation | null> {
  const result = await showDialog<IDocumentLocation>({
    title: options.title,
    body: new PlaceBody(
      trans,
      options.rooms,
      options.given,
      options.note ?? ''
    ),
    buttons: [
      Dialog.cancelButton(),
      Dialog.okButton({ label: options.accept })
    ],
    focusNodeSelector: options.given.room
      ? '.ptg-PlaceBody-name'
      : '.ptg-PlaceBody-room'
  });
  const location = result.button.accept ? result.value : null;
  return location?.room && location.name ? location : null;
}

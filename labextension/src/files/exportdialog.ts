/** Which diagrams of a room leave it, and as what files. */
import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import type { IDocument, IRoom } from '../server/api';
import { button } from '../ui/controls';
import { element } from '../ui/dom';
import { FormDialog } from '../ui/formdialog';
import type { IExportChoice } from './api';

/** Ask; `null` when the user thinks better of it. */
export async function askExport(
  room: IRoom,
  documents: IDocument[],
  trans: TranslationBundle
): Promise<IExportChoice | null> {
  const body = new ExportBody(documents, trans);
  const dialog = new FormDialog<IExportChoice>({
    title: trans.__('Export “%1”', room.name),
    body,
    buttons: [
      Dialog.cancelButton(),
      Dialog.okButton({ label: trans.__('Export') })
    ],
    focusNodeSelector: '.ptg-Choice-kinds input',
    hasClose: true
  });
  dialog.addClass('ptg-FilesDialog');
  body.changed = choice => {
    const accept = dialog.node.querySelector<HTMLButtonElement>(
      '.jp-Dialog-footer .jp-mod-accept'
    );
    accept!.disabled = !choice.documents.length || !choice.kinds.length;
  };
  body.accepted = () => dialog.resolve(1);
  const { button: pressed, value } = await dialog.launch();
  return pressed.accept ? value : null;
}

class ExportBody extends Widget implements Dialog.IBodyWidget<IExportChoice> {
  constructor(
    private readonly _documents: IDocument[],
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('ptg-Choice');
  }

  changed: (choice: IExportChoice) => void = () => undefined;
  accepted: () => void = () => undefined;

  getValue(): IExportChoice {
    const chosen = values(this._list);
    return {
      documents: this._documents.filter(({ id }) => chosen.includes(id)),
      kinds: values(this._kinds)
    };
  }

  /** Lab styles the fields that a dialog begins with in a way of its own. */
  protected override onBeforeAttach(): void {
    const trans = this._trans;
    this._kinds.setAttribute('role', 'group');
    this._kinds.setAttribute('aria-label', trans.__('Files'));
    this._kinds.append(
      box('puml', trans.__('Text (.puml)'), true),
      box('svg', trans.__('Picture (.svg)'), false),
      box('png', trans.__('Picture (.png)'), false),
      box('history', trans.__('History (.json)'), false)
    );
    this._list.setAttribute('role', 'group');
    this._list.setAttribute('aria-label', trans.__('Diagrams'));
    this._list.append(
      ...this._documents.map(({ id, name }) => box(id, name, true))
    );
    const all = button(trans.__('All'), () => this._check(true));
    const none = button(trans.__('None'), () => this._check(false));
    const form = element(
      'form',
      '',
      element('h3', '', trans.__('For each diagram')),
      this._kinds,
      element(
        'div',
        'ptg-Choice-head',
        element('h3', '', trans.__('Diagrams')),
        this._count,
        all,
        none
      ),
      this._list
    );
    form.addEventListener('change', () => this._update());
    form.addEventListener('submit', event => event.preventDefault());
    form.addEventListener('keydown', event => {
      const { target, key } = event;
      const choice = this.getValue();
      if (
        key === 'Enter' &&
        target instanceof HTMLInputElement &&
        choice.documents.length &&
        choice.kinds.length
      ) {
        event.preventDefault();
        this.accepted();
      }
    });
    this.node.append(form);
  }

  protected override onAfterAttach(): void {
    this._update();
  }

  private _check(checked: boolean): void {
    this._list
      .querySelectorAll('input')
      .forEach(input => (input.checked = checked));
    this._update();
  }

  private _update(): void {
    const choice = this.getValue();
    this._count.textContent = this._trans.__(
      '%1 of %2',
      choice.documents.length,
      this._documents.length
    );
    this.changed(choice);
  }

  private readonly _kinds = element('div', 'ptg-Choice-kinds');
  private readonly _list = element('div', 'ptg-Choice-list');
  private readonly _count = element('span', 'ptg-Choice-count');
}

function box(value: string, text: string, checked: boolean): HTMLElement {
  const input = element('input', '');
  input.type = 'checkbox';
  input.value = value;
  input.checked = checked;
  const name = element('span', 'ptg-Choice-name', text);
  name.title = text;
  return element('label', '', input, name);
}

function values(node: HTMLElement): string[] {
  return Array.from(
    node.querySelectorAll<HTMLInputElement>('input:checked')
  ).map(({ value }) => value);
}

/**
 * Which files come into a room: chosen or dropped, and looked at once more
 * before anything is sent. What went wrong the last time is told here, with
 * the files still there.
 */
import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import type { IRoom } from '../server/api';
import { button, ErrorLine } from '../ui/controls';
import { element } from '../ui/dom';
import { FormDialog } from '../ui/formdialog';
import { formatSize } from './progress';

const SUFFIXES = ['.zip', '.puml', '.plantuml', '.iuml', '.pu', '.wsd'];

/** Ask; `null` when the user thinks better of it. */
export async function askImport(
  room: IRoom,
  files: File[],
  problem: Error | null,
  trans: TranslationBundle
): Promise<File[] | null> {
  const body = new ImportBody(files, problem, trans);
  const dialog = new FormDialog<File[]>({
    title: trans.__('Import into “%1”', room.name),
    body,
    buttons: [
      Dialog.cancelButton(),
      Dialog.okButton({ label: trans.__('Import') })
    ],
    focusNodeSelector: '.ptg-Drop button',
    hasClose: true
  });
  dialog.addClass('ptg-FilesDialog');
  body.changed = chosen => {
    dialog.node.querySelector<HTMLButtonElement>(
      '.jp-Dialog-footer .jp-mod-accept'
    )!.disabled = !chosen.length;
  };
  const { button: pressed, value } = await dialog.launch();
  return pressed.accept ? value : null;
}

class ImportBody extends Widget implements Dialog.IBodyWidget<File[]> {
  constructor(
    private _files: File[],
    private readonly _problem: Error | null,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('ptg-Choice');
  }

  changed: (files: File[]) => void = () => undefined;

  getValue(): File[] {
    return this._files;
  }

  /** Lab styles the fields that a dialog begins with in a way of its own. */
  protected override onBeforeAttach(): void {
    const trans = this._trans;
    const input = element('input', 'ptg-Drop-input');
    input.type = 'file';
    input.multiple = true;
    input.accept = SUFFIXES.join(',');
    input.tabIndex = -1;
    input.setAttribute('aria-label', trans.__('Files'));
    input.addEventListener('change', () => {
      this._add(Array.from(input.files ?? []));
      input.value = ''; // the same file can be chosen again
    });
    const zone = element(
      'div',
      'ptg-Drop',
      element('p', '', trans.__('Drop zip or PlantUML files here')),
      button(trans.__('Choose files…'), () => input.click()),
      input
    );
    for (const type of ['dragenter', 'dragover', 'dragleave', 'drop']) {
      zone.addEventListener(type, event => this._onDrag(zone, event));
    }
    this._list.setAttribute('aria-label', trans.__('Files to import'));
    const form = element('form', '', zone, this._list, this._error.node);
    form.addEventListener('submit', event => event.preventDefault());
    this.node.append(
      form,
      element(
        'p',
        'ptg-Trash-note',
        trans.__(
          'A diagram that is in the room already gets the file’s text; its history stays. All files come in, or none.'
        )
      )
    );
    if (this._problem) {
      this._error.show(this._problem);
    }
  }

  protected override onAfterAttach(): void {
    this._update();
  }

  private _onDrag(zone: HTMLElement, event: Event): void {
    event.preventDefault();
    event.stopPropagation();
    const isOver = event.type === 'dragenter' || event.type === 'dragover';
    zone.classList.toggle('ptg-mod-over', isOver);
    if (event.type === 'drop') {
      this._add(Array.from((event as DragEvent).dataTransfer?.files ?? []));
    }
  }

  private _add(files: File[]): void {
    const trans = this._trans;
    this._error.clear();
    for (const file of files) {
      if (SUFFIXES.some(suffix => file.name.toLowerCase().endsWith(suffix))) {
        // A file of the same name takes the place of the one before.
        this._files = this._files.filter(({ name }) => name !== file.name);
        this._files.push(file);
      } else {
        this._error.show(
          new Error(
            trans.__('“%1” is neither a zip nor a PlantUML file.', file.name)
          )
        );
      }
    }
    this._update();
  }

  private _update(): void {
    this._list.replaceChildren(...this._files.map(file => this._row(file)));
    this._list.hidden = !this._files.length;
    this.changed(this._files);
  }

  private _row(file: File): HTMLElement {
    const name = element('span', 'ptg-Choice-name', file.name);
    name.title = file.name;
    const remove = button(
      '×',
      () => {
        this._files = this._files.filter(one => one !== file);
        this._error.clear();
        this._update();
        this.node.querySelector<HTMLElement>('.ptg-Drop button')?.focus();
      },
      'ptg-mod-remove'
    );
    remove.title = this._trans.__('Leave out %1', file.name);
    remove.setAttribute('aria-label', remove.title);
    const size = element('span', 'ptg-Choice-size', formatSize(file.size));
    return element('li', '', name, size, remove);
  }

  private readonly _list = element('ul', 'ptg-Choice-files');
  private readonly _error = new ErrorLine();
}

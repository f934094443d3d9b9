/** Rooms out of Lab and into it: what the two commands do. */
import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { download } from '../diagram/picture';
import type { IRooms } from '../drive/tokens';
import { byId } from '../server/api';
import type { IRoom } from '../server/api';
import { statusOf } from '../server/errors';
import { element } from '../ui/dom';
import type { FilesApi, IImportResult } from './api';
import { askExport } from './exportdialog';
import { askImport } from './importdialog';
import { formatSize, withProgress } from './progress';
import type { IProgress } from './receiving';

const SHORT = 4000;
const LONG = 10_000;

export class Transfer {
  constructor(
    private readonly _rooms: IRooms,
    private readonly _api: FilesApi,
    private readonly _trans: TranslationBundle
  ) {}

  /** Ask what is wanted of a room, and hand it to the browser as a zip. */
  async export(room: IRoom): Promise<void> {
    const trans = this._trans;
    const documents = await this._rooms.services.api.documents(byId(room));
    if (!documents.length) {
      throw new Error(trans.__('There are no diagrams in “%1”.', room.name));
    }
    const choice = await askExport(room, documents, trans);
    if (!choice) {
      return;
    }
    const { length } = choice.documents;
    let last: IProgress | null = null;
    const title = trans.__('Exporting “%1”', room.name);
    const made = await withProgress(title, trans, async (signal, report) => {
      report(trans.__('The first diagram is on its way…'), null);
      return this._api.export(room, choice, signal, progress => {
        last = progress;
        const { documents: arrived, bytes } = progress;
        const size = formatSize(bytes);
        report(
          trans.__('Diagram %1 of %2 · %3', arrived, length, size),
          arrived / length
        );
      });
    });
    if (!made) {
      Notification.info(trans.__('The export was cancelled.'), {
        autoClose: SHORT
      });
      return;
    }
    download(made, `${room.name}.zip`);
    if ((last as IProgress | null)?.notDrawn) {
      Notification.warning(
        trans.__(
          'Some diagrams could not be drawn; NOT-DRAWN.txt in the zip says why.'
        ),
        { autoClose: false }
      );
    }
  }

  /**
   * Ask for files and bring them into a room.
   *
   * @returns Whether the user wants to see the room.
   */
  async import(room: IRoom): Promise<boolean> {
    const trans = this._trans;
    if (room.role === 'viewer') {
      throw new Error(trans.__('You may only look in “%1”.', room.name));
    }
    let files: File[] | null = [];
    let problem: Error | null = null;
    for (;;) {
      files = await askImport(room, files, problem, trans);
      if (!files) {
        return false;
      }
      const chosen: File[] = files;
      const title = trans.__('Importing into “%1”', room.name);
      try {
        const outcome = await withProgress(title, trans, (signal, report) => {
          report(this._sending(chosen), null);
          return this._api.import(room, chosen, signal);
        });
        if (outcome) {
          return await this._tell(room, outcome);
        }
        Notification.info(
          trans.__(
            'The import was cancelled. What had arrived whole by then is in the room; nothing is there by half.'
          ),
          { autoClose: LONG }
        );
        return false;
      } catch (error) {
        problem = this._explained(error as Error);
      }
    }
  }

  private _sending(files: File[]): string {
    const size = formatSize(files.reduce((sum, file) => sum + file.size, 0));
    return this._trans._n(
      'One file is sent · %2',
      '%1 files are sent · %2',
      files.length,
      size
    );
  }

  private _explained(error: Error): Error {
    const trans = this._trans;
    const status = statusOf(error);
    return status !== undefined && status < 500
      ? new Error(trans.__('%1 Nothing was changed.', error.message))
      : new Error(
          trans.__(
            '%1 Whether the files arrived is not known: import them again, which changes nothing twice.',
            error.message
          )
        );
  }

  private async _tell(room: IRoom, outcome: IImportResult): Promise<boolean> {
    const trans = this._trans;
    const { button } = await showDialog({
      title: trans.__('Imported into “%1”', room.name),
      body: new OutcomeBody(outcome, trans),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Close') }),
        Dialog.okButton({ label: trans.__('Show the room') })
      ]
    });
    return button.accept;
  }
}

/** What became of each file. */
class OutcomeBody extends Widget {
  constructor(
    { created, changed, unchanged }: IImportResult,
    trans: TranslationBundle
  ) {
    super();
    this.addClass('ptg-Outcome');
    for (const [names, title] of [
      [created, trans._n('One is new', '%1 are new', created.length)],
      [changed, trans._n('One was changed', '%1 were changed', changed.length)],
      [
        unchanged,
        trans._n('One was so already', '%1 were so already', unchanged.length)
      ]
    ] as const) {
      if (names.length) {
        const list = element('ul', '');
        list.append(...names.map(name => element('li', '', name)));
        list.setAttribute('aria-label', title);
        this.node.append(element('h3', '', title), list);
      }
    }
  }
}

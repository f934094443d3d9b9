/**
 * The ways back, each after a question that says what will happen. All are
 * ordinary edits: others go on typing, and what is done can be undone.
 *
 * They are made in the open document, as if they were typed, so that Undo in
 * the editor takes them back; only without that document the server makes
 * them. What a rollback has to change the server alone can tell: it answers
 * with the edit, and this page makes it its own.
 */
import { Dialog, InputDialog, showDialog } from '@jupyterlab/apputils';
import { Time } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { DocumentSession } from '../sync/session';
import { button } from '../ui/controls';
import { element } from '../ui/dom';
import type { HistoryApi, IEditSession } from './api';
import type { IPoint } from './entries';
import { textAt } from './pasttexts';
import { applyUpdate, replaceText } from './replacing';

/** The buttons of the ways back. */
export function actionButtons(
  trans: TranslationBundle,
  run: { name: () => void; undo: () => void; restore: () => void }
): { node: HTMLElement; undo: HTMLButtonElement } {
  const name = button(trans.__('Name…'), run.name);
  name.title = trans.__('Give this version a name; it then stays for good');
  const undo = button(trans.__('Undo edits…'), run.undo);
  undo.title = trans.__('Take back what one person did, nothing else');
  const restore = button(trans.__('Restore…'), run.restore, 'ptg-mod-accept');
  restore.title = trans.__('Make the text what it was then');
  return {
    node: element('div', 'ptg-History-actions', name, undo, restore),
    undo
  };
}

export class HistoryActions {
  constructor(
    private readonly _api: HistoryApi,
    private readonly _session: DocumentSession,
    private readonly _trans: TranslationBundle
  ) {}

  /** Whether edits of the document can be made in this page. */
  private get _isOpen(): boolean {
    const { model, status } = this._session;
    return !model.isDisposed && status.kind !== 'ended';
  }

  /** Name a point; whether it was done. */
  async name(point: IPoint): Promise<boolean> {
    const trans = this._trans;
    const { value } = await InputDialog.getText({
      title: trans.__('Name this version'),
      label: trans.__(
        'A named version stays for good, also when older history is tidied away.'
      ),
      placeholder: trans.__('for example: reviewed'),
      okLabel: trans.__('Name'),
      required: true
    });
    const name = value?.trim();
    if (!name) {
      return false;
    }
    await this._api.tag(name, point.seq);
    return true;
  }

  /** Make the text what it was; whether it was done. */
  async restore(point: IPoint): Promise<boolean> {
    const trans = this._trans;
    const result = await showDialog({
      title: trans.__('Restore this version?'),
      body: trans.__(
        'The text becomes what it was %1, for everybody. Nothing is lost: what is there now stays in the history, and others can go on typing meanwhile.',
        Time.format(point.time)
      ),
      buttons: [
        Dialog.cancelButton(),
        Dialog.okButton({ label: trans.__('Restore') })
      ]
    });
    if (!result.button.accept) {
      return false;
    }
    if (this._isOpen) {
      const { model } = this._session;
      await replaceText(model, textAt(this._api, point));
      await this._session.flush();
    } else {
      await (point.version
        ? this._api.restoreVersion(point.version.id)
        : this._api.rewind(point.seq));
    }
    return true;
  }

  /** Take back the edits of a session, or all of its author. */
  async rollback(session: IEditSession): Promise<boolean> {
    const trans = this._trans;
    const { author, first, last } = session;
    const result = await showDialog({
      title: trans.__('Undo these edits?'),
      body: trans.__(
        'What %1 typed here goes, and what they deleted here comes back. What others wrote, also since then, stays. The text as it is now stays in the history, to go back to.',
        author
      ),
      checkbox: {
        label: trans.__('All edits of %1 in this document', author),
        checked: false
      },
      buttons: [
        Dialog.cancelButton(),
        Dialog.okButton({ label: trans.__('Undo the edits') })
      ]
    });
    if (!result.button.accept) {
      return false;
    }
    const edits = result.isChecked ? { author } : { author, first, last };
    const { model } = this._session;
    const isMade =
      this._isOpen &&
      (await applyUpdate(model, await this._api.rollbackUpdate(edits)));
    await (isMade ? this._session.flush() : this._api.rollback(edits));
    return true;
  }
}

/**
 * Offers texts that were set aside: to copy, to download, to keep among the
 * user's own files, and as a new document of the room where they may make one.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import {
  Clipboard,
  Notification,
  showErrorMessage
} from '@jupyterlab/apputils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { TranslationBundle } from '@jupyterlab/translation';
import { download } from '../diagram/picture';
import { FACTORY } from '../diagram/tokens';
import { globalPath } from '../drive/paths';
import type { IRooms } from '../drive/tokens';
import { rescueGone } from '../offline/rescueunsynced';
import type { ISetAsideText } from '../offline/setasidetexts';
import { byId } from '../server/api';
import type { IRoom } from '../server/api';
import { isUnreachable, statusOf } from '../server/errors';
import { allowedName, freeName, withExtension } from '../server/names';
import { retryWhileUnreachable } from '../server/retry';

export class SetAsideOffers {
  constructor(
    private readonly _app: JupyterFrontEnd,
    private readonly _rooms: IRooms,
    private readonly _documents: IDocumentManager,
    private readonly _trans: TranslationBundle
  ) {
    const { setAsideTexts } = _rooms.services;
    const offer = () => {
      setAsideTexts.list().forEach(text => void this._offer(text));
    };
    setAsideTexts.changed.connect(offer);
    offer(); // What an earlier page set aside is offered again.
  }

  /** Set aside what this browser keeps of documents that are gone. */
  async findGone(): Promise<void> {
    const { services, drive } = this._rooms;
    await retryWhileUnreachable(
      async () => {
        const subject = await services.identify();
        await rescueGone(
          services,
          subject,
          async ({ room_id, document }) => {
            try {
              await services.api.document(
                byId({ id: room_id }),
                byId({ id: document })
              );
              return true;
            } catch (error) {
              const status = statusOf(error);
              if (isUnreachable(error) || (status !== 404 && status !== 403)) {
                throw error;
              }
              return false;
            }
          },
          document => drive.sessions.byId(document) !== null
        );
      },
      { isOver: () => false, onAway: () => undefined }
    );
  }

  private async _offer(text: ISetAsideText): Promise<void> {
    if (this._offered.has(text.id)) {
      return;
    }
    this._offered.add(text.id);
    const room = await roomOf(this._rooms, text.room_id);
    const { setAsideTexts } = this._rooms.services;
    const trans = this._trans;
    const actions: Notification.IAction[] = [
      {
        label: trans.__('Copy the text'),
        caption: trans.__('Copy the whole text to the clipboard'),
        callback: event => {
          event.preventDefault();
          Clipboard.copyToSystem(text.text);
        }
      },
      {
        label: trans.__('Download'),
        caption: trans.__('Have your browser save the text as a file'),
        callback: event => {
          event.preventDefault();
          const type = 'text/plain;charset=utf-8';
          download(new Blob([text.text], { type }), text.name);
        }
      },
      {
        label: trans.__('Save to my files'),
        caption: trans.__('Make a file of it among your own files'),
        callback: () =>
          void this._keep(text, async () => this._saveAsFile(text))
      }
    ];
    if (room && room.role !== 'viewer') {
      actions.push({
        label: trans.__('Keep as new'),
        caption: trans.__('Make a new document of it in the same room'),
        callback: () =>
          void this._keep(text, async () => this._saveInto(room, text))
      });
    }
    actions.push({
      label: trans.__('Discard'),
      displayType: 'warn',
      callback: () => setAsideTexts.dismiss(text.id)
    });
    Notification.warning(this._reason(text, room), {
      autoClose: false,
      actions
    });
  }

  private _reason(text: ISetAsideText, room: IRoom | null): string {
    const trans = this._trans;
    const { name } = text;
    switch (text.reason) {
      case 'deleted':
        return room
          ? trans.__(
              '“%1” was deleted while it held changes of yours. Your text is kept.',
              name
            )
          : trans.__(
              '“%1” was deleted, or you may no longer see it. Your unsaved text is kept.',
              name
            );
      case 'no-access':
        return trans.__(
          'You lost access to “%1”. Your unsaved text is kept.',
          name
        );
      case 'too-large':
        return trans.__(
          'Your change would make “%1” larger than the server allows, so it was not made. Your text is kept.',
          name
        );
      case 'denied':
        return trans.__(
          'A change of yours to “%1” was refused. Your text is kept.',
          name
        );
      default:
        return trans.__(
          'The history of “%1” was replaced. Your unsaved text is kept.',
          name
        );
    }
  }

  /** Save a text, open what it is now, and let go of it; else offer it again. */
  private async _keep(
    text: ISetAsideText,
    save: () => Promise<string>
  ): Promise<void> {
    try {
      const path = await save();
      this._rooms.services.setAsideTexts.dismiss(text.id);
      this._closeEnded(path);
      this._documents.openOrReveal(path, FACTORY);
    } catch (error) {
      await showErrorMessage(
        this._trans.__('Cannot keep the text'),
        error as Error
      );
      this._offered.delete(text.id);
      void this._offer(text);
    }
  }

  private async _saveAsFile(text: ISetAsideText): Promise<string> {
    const { contents } = this._app.serviceManager;
    const folder = await contents.get('');
    const taken = (folder.content as { name: string }[]).map(one => one.name);
    const name = freeName(withExtension(allowedName(text.name)), taken);
    const { path } = await contents.save(name, {
      type: 'file',
      format: 'text',
      content: text.text
    });
    return path;
  }

  private async _saveInto(room: IRoom, text: ISetAsideText): Promise<string> {
    const { writer } = this._rooms.drive;
    const { path } = await writer.copyInto(room.name, text.name, text.text);
    return globalPath(path);
  }

  /** A locked tab under the same path would be revealed instead. */
  private _closeEnded(path: string): void {
    for (const widget of Array.from(this._app.shell.widgets('main'))) {
      const context = this._documents.contextForWidget(widget);
      const session =
        context?.path === path &&
        this._rooms.drive.sessions.of(context.model.sharedModel);
      if (session && session.status.kind === 'ended') {
        widget.dispose();
      }
    }
  }

  private readonly _offered = new Set<string>();
}

/** A room as the user may see it just now, `null` if they may not or nobody can tell. */
export async function roomOf(rooms: IRooms, id: string): Promise<IRoom | null> {
  return rooms.services.api.room(byId({ id })).catch(() => null);
}

/**
 * Tells a person when a document they have open is over, and what to do.
 *
 * Deleted: the tab stays, locked, with the way to bring it back. A history
 * that was replaced, an edit that was refused: the tab is opened again, for a
 * Y.Doc cannot be swapped under Lab's Context, and what could not merge is
 * offered as text to copy or to keep as a new document.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import {
  Clipboard,
  Notification,
  showErrorMessage
} from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import type { TranslationBundle } from '@jupyterlab/translation';
import { FACTORY } from '../diagram/tokens';
import { wire } from '../shared/wire';
import { globalPath } from '../drive/paths';
import { IRooms } from '../drive/tokens';
import type { ISetAsideText } from '../offline/setasidetexts';
import { byId } from '../server/api';
import type { Role } from '../server/api';
import type { DocumentSession, ISessionEnd } from '../sync/session';
import { plugin } from '../ui/plugin';

export const noticesPlugin = plugin({
  id: '@plant-together/jupyterlab:rooms-notices',
  description: 'Tells when a document is deleted, replaced or refused.',
  requires: { rooms: IRooms, documents: IDocumentManager },
  activate: ({ app, rooms, documents, trans }) => {
    const notices = new Notices(app, rooms, documents, trans);
    rooms.drive.sessions.added.connect((_, session) => {
      session.ended.connect((sender, end) => notices.ended(sender, end));
      session.control.connect((sender, message) => {
        if (message.type === 'hello' || message.type === 'role') {
          notices.role(sender, message.role);
        }
      });
    });
    // What an earlier page set aside is offered again.
    const { setAsideTexts } = rooms.services;
    const offerOld = () => {
      setAsideTexts.changed.disconnect(offerOld);
      setAsideTexts.list().forEach(text => notices.offer(text));
    };
    setAsideTexts.changed.connect(offerOld);
  }
});

class Notices {
  constructor(
    private readonly _app: JupyterFrontEnd,
    private readonly _rooms: IRooms,
    private readonly _documents: IDocumentManager,
    private readonly _trans: TranslationBundle
  ) {}

  ended(session: DocumentSession, end: ISessionEnd): void {
    const { document } = session;
    if (!document) {
      return;
    }
    if (end.setAside) {
      this.offer(end.setAside);
    }
    if (end.code === wire.closeCodes.notFound) {
      if (!session.deletedHere) {
        this._deleted(session);
      }
    } else if (
      end.code === wire.closeCodes.accessDenied &&
      end.reason !== 'denied'
    ) {
      Notification.warning(
        this._trans.__('You no longer have access to “%1”.', document.name),
        { autoClose: false }
      );
    } else {
      this._reopen(session);
    }
  }

  /**
   * Say that somebody changed what the user may do, once for all documents of
   * a room that are open.
   */
  role(session: DocumentSession, role: Role): void {
    const { document } = session;
    if (!document) {
      return;
    }
    const before = this._roles.get(document.room_id);
    this._roles.set(document.room_id, role);
    if (before === undefined || before === role) {
      return;
    }
    const trans = this._trans;
    const { room } = document;
    Notification.info(
      role === 'owner'
        ? trans.__('You are an owner of the room “%1” now.', room)
        : role === 'editor'
          ? trans.__('You may edit in the room “%1” now.', room)
          : trans.__('You may only look in the room “%1” now.', room),
      { autoClose: 10_000 }
    );
  }

  /** Offer a text that was set aside. */
  offer(text: ISetAsideText): void {
    if (this._offered.has(text.id)) {
      return;
    }
    this._offered.add(text.id);
    const { setAsideTexts } = this._rooms.services;
    Notification.warning(this._reason(text), {
      autoClose: false,
      actions: [
        {
          label: this._trans.__('Copy the text'),
          caption: this._trans.__('Copy the whole text to the clipboard'),
          callback: event => {
            event.preventDefault();
            Clipboard.copyToSystem(text.text);
          }
        },
        {
          label: this._trans.__('Keep as new'),
          caption: this._trans.__('Make a new document of it in the same room'),
          callback: () => void this._keepAsNew(text)
        },
        {
          label: this._trans.__('Discard'),
          displayType: 'warn',
          callback: () => setAsideTexts.dismiss(text.id)
        }
      ]
    });
  }

  private _reason(text: ISetAsideText): string {
    switch (text.reason) {
      case 'deleted':
        return this._trans.__(
          '“%1” was deleted while it held changes of yours. Your text is kept.',
          text.name
        );
      case 'no-access':
        return this._trans.__(
          'You lost access to “%1”. Your unsaved text is kept until you close this page.',
          text.name
        );
      case 'too-large':
        return this._trans.__(
          'Your change would make “%1” larger than the server allows, so it was not made. Your text is kept.',
          text.name
        );
      case 'denied':
        return this._trans.__(
          'A change of yours to “%1” was refused. Your text is kept.',
          text.name
        );
      default:
        return this._trans.__(
          'The history of “%1” was replaced. Your unsaved text is kept.',
          text.name
        );
    }
  }

  private async _keepAsNew(text: ISetAsideText): Promise<void> {
    const { drive, services } = this._rooms;
    try {
      const model = await drive.writer.copyInto(
        text.room,
        text.name,
        text.text
      );
      services.setAsideTexts.dismiss(text.id);
      const path = globalPath(model.path);
      this._closeEnded(path);
      this._documents.openOrReveal(path, FACTORY);
    } catch (error) {
      await showErrorMessage(
        this._trans.__('Cannot keep the text'),
        error as Error
      );
      this._offered.delete(text.id);
      this.offer(text);
    }
  }

  private _deleted(session: DocumentSession): void {
    const { path } = session;
    const document = session.document!;
    Notification.warning(
      this._trans.__(
        '“%1” in the room “%2” was deleted.',
        document.name,
        document.room
      ),
      {
        autoClose: false,
        actions: [
          {
            label: this._trans.__('Restore'),
            caption: this._trans.__('Bring the document back for everybody'),
            callback: () => void this._restore(session)
          },
          {
            label: this._trans.__('Close the tab'),
            callback: () => void this._documents.closeFile(globalPath(path))
          }
        ]
      }
    );
  }

  private async _restore(session: DocumentSession): Promise<void> {
    const document = session.document!;
    const { services } = this._rooms;
    try {
      const room = byId({ id: document.room_id });
      const restored = await services.api.restoreDocument(room, byId(document));
      this._rooms.drive.writer.restored(restored);
      this._reopen(session);
    } catch (error) {
      await showErrorMessage(
        this._trans.__('Cannot restore “%1”', document.name),
        error as Error
      );
    }
  }

  /** Close the tabs of a session and open its document afresh. */
  private _reopen(session: DocumentSession): void {
    const path = globalPath(session.path);
    let isOpen = false;
    for (const widget of Array.from(this._app.shell.widgets('main'))) {
      const context = this._documents.contextForWidget(widget);
      if (context?.model.sharedModel === session.model) {
        isOpen = true;
        widget.dispose();
      }
    }
    if (isOpen) {
      this._documents.openOrReveal(path, FACTORY);
    }
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
  /** What the user was told last, by room. */
  private readonly _roles = new Map<string, Role>();
}

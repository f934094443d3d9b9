/**
 * Tells a person when a document they have open is over, and what to do.
 *
 * Deleted: the tab stays, locked, with the way to bring it back. A history
 * that was replaced, an edit that was refused: the tab is opened again, for a
 * Y.Doc cannot be swapped under Lab's Context, and what could not merge is
 * offered as text to copy or to keep as a new document.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification, showErrorMessage } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import type { TranslationBundle } from '@jupyterlab/translation';
import { FACTORY } from '../diagram/tokens';
import { wire } from '../shared/wire';
import { globalPath } from '../drive/paths';
import { IRooms } from '../drive/tokens';
import { byId } from '../server/api';
import type { Role } from '../server/api';
import type { IEnd } from '../sync/phase';
import type { DocumentSession } from '../sync/session';
import { plugin } from '../ui/plugin';
import { roomOf, SetAsideOffers } from './setasideoffers';

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
    const offers = new SetAsideOffers(app, rooms, documents, trans);
    void rooms.present.then(isThere => {
      if (isThere) {
        offers.findGone().catch((reason: unknown) => {
          console.warn(
            'Unsent texts of earlier pages were not looked at',
            reason
          );
        });
      }
    });
  }
});

class Notices {
  constructor(
    private readonly _app: JupyterFrontEnd,
    private readonly _rooms: IRooms,
    private readonly _documents: IDocumentManager,
    private readonly _trans: TranslationBundle
  ) {}

  ended(session: DocumentSession, end: IEnd): void {
    const { document } = session;
    if (!document) {
      return;
    }
    if (end.code === wire.closeCodes.notFound) {
      if (!session.deletedHere) {
        void this._gone(session);
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

  private async _gone(session: DocumentSession): Promise<void> {
    const { path } = session;
    const { name, room, room_id } = session.document!;
    const trans = this._trans;
    const place = await roomOf(this._rooms, room_id);
    const actions: Notification.IAction[] = [
      {
        label: trans.__('Close the tab'),
        callback: () => void this._documents.closeFile(globalPath(path))
      }
    ];
    if (place && place.role !== 'viewer') {
      actions.unshift({
        label: trans.__('Restore'),
        caption: trans.__('Bring the document back for everybody'),
        callback: () => void this._restore(session)
      });
    }
    Notification.warning(
      place
        ? trans.__('“%1” in the room “%2” was deleted.', name, place.name)
        : trans.__(
            '“%1” in the room “%2” was deleted, or you may no longer see it.',
            name,
            room
          ),
      { autoClose: false, actions }
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

  /** What the user was told last, by room. */
  private readonly _roles = new Map<string, Role>();
}

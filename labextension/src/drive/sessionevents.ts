/**
 * What happens to open documents, told to Lab as changes of files.
 *
 * A document that another person deletes or renames, a role that changes: Lab
 * hears of it as if the drive had done it, and tabs follow by document id.
 */
import type { Contents } from '@jupyterlab/services';
import { wire } from '../shared/wire';
import type { DocumentSession } from '../sync/session';
import type { Sessions } from '../sync/sessions';
import type { IMove } from './catalogue';
import { roomModel } from './models';
import { documentPath } from './paths';
import type { RoomsReader } from './reader';
import type { RoomsServices } from './services';

/** Emit a change for all that happens to the documents of `sessions`. */
export function forwardSessionEvents(
  services: RoomsServices,
  sessions: Sessions,
  reader: RoomsReader,
  emit: (change: Contents.IChangedArgs) => void
): void {
  sessions.added.connect((_, session) => {
    session.ended.connect((_sender, end) => {
      if (
        end.code === wire.closeCodes.notFound &&
        session.document &&
        !session.deletedHere
      ) {
        services.catalogue.dropDocument(session.document.id);
        emit({
          type: 'delete',
          oldValue: { path: session.path },
          newValue: null
        });
      }
    });
    tellRoles(session, reader, emit);
  });
  services.catalogue.moved.connect((catalogue, move: IMove) => {
    for (const session of sessions) {
      const now =
        session.document && catalogue.documentById(session.document.id);
      if (now) {
        session.document = now;
        session.path = documentPath(now.room, now.name);
      }
    }
    emit({
      type: 'rename',
      oldValue: { path: move.from },
      newValue:
        move.kind === 'room'
          ? roomModel(catalogue.roomById(move.id)!)
          : reader.model(catalogue.documentById(move.id)!)
    });
  });
}

function tellRoles(
  session: DocumentSession,
  reader: RoomsReader,
  emit: (change: Contents.IChangedArgs) => void
): void {
  let told: boolean | null = null;
  session.control.connect((_, { type }) => {
    // Only when it is news: "Save As" takes any save for its own.
    if (
      (type === 'role' || type === 'hello') &&
      session.document &&
      told !== session.writable
    ) {
      told = session.writable;
      emit({
        type: 'save',
        oldValue: null,
        newValue: reader.model(session.document)
      });
    }
  });
}

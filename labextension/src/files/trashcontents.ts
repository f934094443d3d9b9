/** What the trash of a room, and that of the rooms, consists of. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IRooms } from '../drive/tokens';
import { byId } from '../server/api';
import type { IDocument, IMe, IRoom } from '../server/api';
import type { Deleted, FilesApi } from './api';
import type { ITrashOptions } from './trash';

export interface ITrashParts {
  api: FilesApi;
  rooms: IRooms;
  trans: TranslationBundle;
}

/** The deleted diagrams of a room. */
export async function deletedDocuments(
  { api, rooms, trans }: ITrashParts,
  room: IRoom
): Promise<ITrashOptions> {
  const { api: server } = rooms.services;
  const [me, documents] = await Promise.all([
    api.me(),
    api.deletedDocuments(room)
  ]);
  const noRestore =
    room.role === 'viewer' ? trans.__('You may only look in this room.') : null;
  const noPurge =
    room.role === 'owner'
      ? null
      : trans.__('Only owners of the room delete for good.');
  return {
    title: trans.__('Deleted diagrams of “%1”', room.name),
    nothing: trans.__('Nothing is in the trash of this room.'),
    retention: me.history_retention,
    trans,
    taken: async () => (await server.documents(byId(room))).map(nameOf),
    entries: documents.map(document => ({
      id: document.id,
      name: document.name,
      kind: trans.__('Diagram'),
      deleted: document.deleted_at!,
      by: deleter(document, me, trans),
      noRestore,
      noPurge,
      warning: trans.__(
        '“%1” goes with its text, its history and its named versions. Nobody can bring it back.',
        document.name
      ),
      restore: async name =>
        rooms.drive.writer.restored(
          await server.restoreDocument(byId(room), byId(document), name)
        ),
      purge: () => api.purgeDocument(room, document)
    }))
  };
}

/** The deleted rooms. */
export async function deletedRooms({
  api,
  rooms,
  trans
}: ITrashParts): Promise<ITrashOptions> {
  const { api: server } = rooms.services;
  const [me, found] = await Promise.all([api.me(), api.deletedRooms()]);
  return {
    title: trans.__('Deleted rooms'),
    nothing: trans.__('No room is in the trash.'),
    retention: me.history_retention,
    trans,
    taken: async () => (await server.rooms()).map(nameOf),
    entries: found.map(room => {
      const count = room.documents ?? 0;
      const diagrams = trans._n('%1 diagram', '%1 diagrams', count);
      const reason =
        room.role === 'owner'
          ? null
          : trans.__('Only owners restore a room or delete it for good.');
      return {
        id: room.id,
        name: room.name,
        kind: trans.__('Room with %1', diagrams),
        deleted: room.deleted_at!,
        by: deleter(room, me, trans),
        noRestore: reason,
        noPurge: reason,
        warning: trans.__(
          'The room “%1” goes with %2 and all their history. Nobody can bring it back.',
          room.name,
          diagrams
        ),
        restore: async name =>
          rooms.drive.writer.restoredRoom(
            await server.restoreRoom(byId(room), name)
          ),
        purge: () => api.purgeRoom(room)
      };
    })
  };
}

function nameOf({ name }: { name: string }): string {
  return name;
}

/** Who did it; `null` where nobody knows, or people are not told apart. */
function deleter(
  { deleted_by }: Deleted<IRoom | IDocument>,
  me: IMe,
  trans: TranslationBundle
): string | null {
  if (!deleted_by || !me.roles) {
    return null;
  }
  return deleted_by === me.subject ? trans.__('you') : deleted_by;
}

/** What plugins that add to rooms have in common. */
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import type { IDiagramExtra, IDiagramExtras } from '../diagram/tokens';
import type { DocumentSession } from '../sync/session';
import type { IRooms } from './tokens';

/** Add something to each diagram of a room as it is opened. */
export function extendRoomDiagrams(
  rooms: IRooms,
  extras: IDiagramExtras,
  extend: (
    session: DocumentSession,
    context: DocumentRegistry.CodeContext
  ) => IDiagramExtra | null
): void {
  extras.register(context => {
    const session = rooms.drive.sessions.of(context.model.sharedModel);
    return session && extend(session, context);
  });
}

/** The category of this extension's commands. */
export function category(trans: TranslationBundle): string {
  return trans.__('Plant Together');
}

/** Put commands into the palette, where the server has its part. */
export function addToPalette(
  rooms: IRooms,
  palette: ICommandPalette | null,
  trans: TranslationBundle,
  commands: readonly string[],
  args: ReadonlyJSONObject = { palette: true }
): void {
  void rooms.present.then(isPresent => {
    if (isPresent) {
      for (const command of commands) {
        palette?.addItem({ command, category: category(trans), args });
      }
    }
  });
}

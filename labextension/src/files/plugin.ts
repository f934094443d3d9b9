/** The commands on rooms as files, and on what was deleted; their places. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import {
  ICommandPalette,
  InputDialog,
  showErrorMessage
} from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { IDiagramTracker } from '../diagram/tokens';
import { FACTORY } from '../diagram/tokens';
import { addToPalette } from '../drive/extending';
import { globalPath, parsePath } from '../drive/paths';
import { IRooms } from '../drive/tokens';
import { CommandIDs } from '../rooms/commandids';
import { CurrentRoom } from '../rooms/currentroom';
import type { IRoom } from '../server/api';
import { plugin } from '../ui/plugin';
import { FilesApi } from './api';
import { Transfer } from './transfer';
import { showTrash } from './trash';
import { deletedDocuments, deletedRooms } from './trashcontents';

const ARGS = {
  type: 'object',
  properties: {
    room: { type: 'string', description: 'Name of the room' },
    menu: {
      type: 'string',
      enum: ['selected', 'view', 'rooms'],
      description:
        'The room selected, or in view, in the browser of rooms; or all rooms'
    }
  }
};

export const filesPlugin = plugin({
  id: '@plant-together/jupyterlab:files',
  description: 'Exports and imports rooms, and shows what was deleted.',
  requires: {
    rooms: IRooms,
    documents: IDocumentManager,
    browsers: IFileBrowserFactory,
    diagrams: IDiagramTracker
  },
  optional: { palette: ICommandPalette },
  activate: ({ app, rooms, documents, browsers, diagrams, palette, trans }) => {
    const currentRoom = new CurrentRoom(documents, browsers, diagrams);
    const files = new FilesCommands(app, rooms, documents, currentRoom, trans);
    files.add();
    const { exportRoom, importFiles, restoreDeleted } = CommandIDs;
    const shown = [exportRoom, importFiles, restoreDeleted];
    addToPalette(rooms, palette, trans, shown);
    addToPalette(rooms, palette, trans, [restoreDeleted], { menu: 'rooms' });
  }
});

class FilesCommands {
  constructor(
    private readonly _app: JupyterFrontEnd,
    private readonly _rooms: IRooms,
    private readonly _documents: IDocumentManager,
    private readonly _currentRoom: CurrentRoom,
    private readonly _trans: TranslationBundle
  ) {
    this._api = new FilesApi(_rooms.services.endpoint);
    this._transfer = new Transfer(_rooms, this._api, _trans);
  }

  add(): void {
    const { commands } = this._app;
    const trans = this._trans;
    const hasRoom = (args: ReadonlyPartialJSONObject) =>
      !args.menu || this._named(args) !== null;
    commands.addCommand(CommandIDs.exportRoom, {
      label: args =>
        args.palette ? trans.__('Export Room…') : trans.__('Export…'),
      caption: trans.__('Download the diagrams of a room as a zip file'),
      describedBy: { args: ARGS },
      isVisible: hasRoom,
      execute: args =>
        this._do(trans.__('Cannot export'), args, room =>
          this._transfer.export(room)
        )
    });
    commands.addCommand(CommandIDs.importFiles, {
      label: args =>
        args.palette ? trans.__('Import into Room…') : trans.__('Import…'),
      caption: trans.__('Bring zip and PlantUML files into a room'),
      describedBy: { args: ARGS },
      isVisible: hasRoom,
      execute: args =>
        this._do(trans.__('Cannot import'), args, room => this._import(room))
    });
    commands.addCommand(CommandIDs.restoreDeleted, {
      label: args =>
        args.palette
          ? trans.__('Deleted Diagrams of a Room…')
          : this._named(args) === null
            ? trans.__('Deleted Rooms…')
            : trans.__('Deleted Diagrams…'),
      caption: trans.__('Restore what was deleted, or delete it for good'),
      describedBy: { args: ARGS },
      execute: args => this._showTrash(args)
    });
  }

  /** The room that is meant, where it can be told. */
  private _named(args: ReadonlyPartialJSONObject): string | null {
    if (typeof args.room === 'string') {
      return args.room;
    }
    switch (args.menu) {
      case 'selected':
        return this._currentRoom.selected();
      case 'view':
        return this._currentRoom.inView();
      case 'rooms':
        return null;
      default:
        return this._currentRoom.inFront() ?? this._currentRoom.inBrowser();
    }
  }

  private async _do(
    title: string,
    args: ReadonlyPartialJSONObject,
    action: (room: IRoom) => Promise<void>
  ): Promise<void> {
    try {
      const name = this._named(args) ?? (await this._ask());
      if (name !== null) {
        await action(await this._rooms.drive.reader.room(name));
      }
    } catch (error) {
      await showErrorMessage(title, error as Error);
    }
  }

  private async _ask(): Promise<string | null> {
    const rooms = await this._rooms.services.api.rooms();
    if (!rooms.length) {
      throw new Error(this._trans.__('There are no rooms yet.'));
    }
    const { value } = await InputDialog.getItem({
      title: this._trans.__('Which room?'),
      items: rooms.map(({ name }) => name),
      okLabel: this._trans.__('Choose')
    });
    return value;
  }

  private async _import(room: IRoom): Promise<void> {
    const { commands } = this._app;
    const wantsToSee = await this._transfer.import(room);
    await commands.execute(CommandIDs.refresh);
    if (wantsToSee) {
      await commands.execute(CommandIDs.show, { path: room.name });
    }
  }

  private async _showTrash(args: ReadonlyPartialJSONObject): Promise<void> {
    const trans = this._trans;
    const parts = { api: this._api, rooms: this._rooms, trans };
    try {
      let name = this._named(args);
      if (name === null && args.palette) {
        name = await this._ask();
        if (name === null) {
          return;
        }
      }
      const path = await showTrash(
        name === null
          ? await deletedRooms(parts)
          : await deletedDocuments(
              parts,
              await this._rooms.drive.reader.room(name)
            )
      );
      if (path === null) {
        return;
      }
      if (parsePath(path).kind === 'room') {
        await this._app.commands.execute(CommandIDs.show, { path });
      } else {
        this._documents.openOrReveal(globalPath(path), FACTORY);
      }
    } catch (error) {
      await showErrorMessage(
        trans.__('Cannot show what was deleted'),
        error as Error
      );
    }
  }

  private readonly _api: FilesApi;
  private readonly _transfer: Transfer;
}

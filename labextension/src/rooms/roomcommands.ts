/**
 * What the commands on rooms do.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { InputDialog, showErrorMessage } from '@jupyterlab/apputils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { FileBrowser } from '@jupyterlab/filebrowser';
import { FileDialog } from '@jupyterlab/filebrowser';
import type { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import type { TranslationBundle } from '@jupyterlab/translation';
import { addIcon } from '@jupyterlab/ui-components';
import { diagramIcon } from '../diagram/icons';
import { FACTORY } from '../diagram/tokens';
import { copyToFiles, textAt } from '../drive/copying';
import { globalPath, localPathOf, parsePath } from '../drive/paths';
import type { IRooms } from '../drive/tokens';
import { FIRST_TEXT } from '../drive/writer';
import { freeName, sameName } from '../server/names';
import { roomsIcon } from '../ui/icons';
import { CommandIDs } from './commandids';
import { askLocation } from './dialogs';
import { newDiagramIcon, newRoomIcon, roomCardIcon } from './icons';

const NO_ARGS = { type: 'object', properties: {} };

export class RoomCommands {
  constructor(
    private readonly _app: JupyterFrontEnd,
    private readonly _rooms: IRooms,
    private readonly _documents: IDocumentManager,
    private readonly _browsers: IFileBrowserFactory,
    private readonly _trans: TranslationBundle
  ) {}

  add(): void {
    const { commands } = this._app;
    const failing = (title: string, run: () => Promise<unknown>) => () =>
      run().catch((error: Error) => showErrorMessage(title, error));
    commands.addCommand(CommandIDs.newRoom, {
      label: args =>
        args.launcher || args.menu
          ? this._trans.__('Room')
          : args.palette
            ? this._trans.__('New Room')
            : this._trans.__('New room'),
      caption: this._trans.__(
        'Make a room in which diagrams are drawn together'
      ),
      icon: args =>
        args.palette ? undefined : args.launcher ? roomCardIcon : newRoomIcon,
      describedBy: { args: NO_ARGS },
      execute: failing(this._trans.__('Cannot make the room'), () =>
        this._newRoom()
      )
    });
    commands.addCommand(CommandIDs.newDiagram, {
      label: args =>
        args.launcher || args.menu
          ? this._trans.__('Shared diagram')
          : args.palette
            ? this._trans.__('New Shared Diagram')
            : this._trans.__('New diagram'),
      caption: this._trans.__('Make a diagram in a room, drawn together'),
      icon: args =>
        args.palette
          ? undefined
          : args.launcher
            ? diagramIcon
            : args.toolbar
              ? addIcon
              : newDiagramIcon,
      describedBy: { args: NO_ARGS },
      execute: failing(this._trans.__('Cannot make the diagram'), () =>
        this._newDiagram()
      )
    });
    commands.addCommand(CommandIDs.copyToRoom, {
      label: args =>
        args.share
          ? this._trans.__('Share in a Room…')
          : this._trans.__('Copy to Room…'),
      caption: args =>
        args.share
          ? this._trans.__('Put a copy into a room, to draw on it together')
          : '',
      icon: args => (args.share ? roomsIcon : undefined),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            share: {
              type: 'boolean',
              description: 'Files are meant, which are not in a room yet'
            }
          }
        }
      },
      execute: args =>
        failing(this._trans.__('Cannot copy'), () =>
          this._copyToRoom(args.share === true)
        )()
    });
    commands.addCommand(CommandIDs.copyToFiles, {
      label: this._trans.__('Copy to Files…'),
      describedBy: { args: NO_ARGS },
      execute: failing(this._trans.__('Cannot copy'), () => this._copyToFiles())
    });
    commands.addCommand(CommandIDs.openAsText, {
      label: this._trans.__('Open as Text'),
      describedBy: { args: NO_ARGS },
      execute: () =>
        this._selected().forEach(path => {
          this._documents.openOrReveal(path, 'Editor');
        })
    });
    commands.addCommand(CommandIDs.download, {
      label: this._trans.__('Download'),
      describedBy: { args: NO_ARGS },
      execute: failing(this._trans.__('Cannot download'), () =>
        this._download()
      )
    });
  }

  private async _newRoom(): Promise<void> {
    const { value } = await InputDialog.getText({
      title: this._trans.__('New room'),
      label: this._trans.__('Name'),
      okLabel: this._trans.__('Make the room'),
      required: true
    });
    const name = value?.trim();
    if (name) {
      const { path } = await this._rooms.drive.writer.createRoom(name);
      await this._app.commands.execute(CommandIDs.show, { path });
    }
  }

  private async _newDiagram(): Promise<void> {
    const location = await this._askLocation(
      this._trans.__('New shared diagram'),
      this._trans.__('Make the diagram'),
      `${this._trans.__('untitled')}.puml`
    );
    if (location) {
      await this._ensureRoom(location.room);
      const model = await this._rooms.drive.writer.createDocument(
        location.room,
        location.name,
        FIRST_TEXT
      );
      this._open(model.path);
    }
  }

  private async _copyToRoom(isShared: boolean): Promise<void> {
    const { contents } = this._app.serviceManager;
    const trans = this._trans;
    for (const path of this._selected()) {
      const name = path.split('/').pop()!;
      const location = await (isShared
        ? this._askLocation(
            trans.__('Share “%1” in a room', name),
            trans.__('Share'),
            name,
            trans.__(
              'The room gets a copy to draw on together; the file stays.'
            )
          )
        : this._askLocation(trans.__('Copy to room'), trans.__('Copy'), name));
      if (!location) {
        return;
      }
      const text = await textAt(this._rooms.drive, contents, path);
      await this._ensureRoom(location.room);
      const { drive } = this._rooms;
      this._open(
        (await drive.writer.copyInto(location.room, location.name, text)).path
      );
    }
  }

  private async _copyToFiles(): Promise<void> {
    const paths = this._selected().filter(path => localPathOf(path) !== null);
    const result = await FileDialog.getExistingDirectory({
      manager: this._documents,
      title: this._trans.__('Copy to which folder?')
    });
    const folder = result.button.accept ? result.value?.[0] : undefined;
    if (folder) {
      const { contents } = this._app.serviceManager;
      for (const path of paths) {
        await copyToFiles(this._rooms.drive, contents, path, folder.path);
      }
    }
  }

  private async _download(): Promise<void> {
    for (const path of this._selected()) {
      const { contents } = this._app.serviceManager;
      const text = await textAt(this._rooms.drive, contents, path);
      const link = document.createElement('a');
      const blob = new Blob([text], { type: 'text/plain;charset=utf-8' });
      link.href = URL.createObjectURL(blob);
      link.download = path.split('/').pop()!;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    }
  }

  /** Ask where a diagram goes: the room in view is the first guess. */
  private async _askLocation(
    title: string,
    accept: string,
    wanted: string,
    note = ''
  ) {
    const { services } = this._rooms;
    services.catalogue.setRooms(await services.api.rooms());
    const rooms = services.catalogue
      .rooms()
      .filter(room => room.role !== 'viewer');
    const here = this._roomInView();
    const room = here ?? rooms[0]?.name ?? '';
    const known = services.catalogue.room(room);
    const taken = known
      ? services.catalogue.documents(known).map(({ name }) => name)
      : [];
    return askLocation(this._trans, {
      title,
      accept,
      note,
      rooms: rooms.map(({ name }) => name),
      given: { room, name: freeName(wanted, taken) }
    });
  }

  private async _ensureRoom(name: string): Promise<void> {
    const rooms = await this._rooms.services.api.rooms();
    if (!rooms.some(room => sameName(room.name, name))) {
      await this._rooms.drive.writer.createRoom(name);
    }
  }

  private _roomInView(): string | null {
    let room: string | null = null;
    this._browsers.tracker.forEach((browser: FileBrowser) => {
      const local = localPathOf(browser.model.path);
      const path = local === null ? null : parsePath(local);
      if (path?.kind === 'room') {
        room = path.room;
      }
    });
    return room;
  }

  private _selected(): string[] {
    const browser = this._browsers.tracker.currentWidget;
    return browser
      ? Array.from(browser.selectedItems())
          .filter(item => item.type !== 'directory')
          .map(item => item.path)
      : [];
  }

  private _open(localPath: string): void {
    this._documents.openOrReveal(globalPath(localPath), FACTORY);
  }
}

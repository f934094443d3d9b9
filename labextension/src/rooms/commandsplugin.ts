/** The places of the commands on rooms: launcher, palette, menus. */
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import { IMainMenu } from '@jupyterlab/mainmenu';
import { addToPalette, category } from '../drive/extending';
import { IRooms } from '../drive/tokens';
import { plugin } from '../ui/plugin';
import { CommandIDs } from './commandids';
import { RoomCommands } from './roomcommands';

export const commandsPlugin = plugin({
  id: '@plant-together/jupyterlab:rooms-commands',
  description: 'Adds the commands on rooms.',
  requires: {
    rooms: IRooms,
    documents: IDocumentManager,
    browsers: IFileBrowserFactory
  },
  optional: {
    palette: ICommandPalette,
    launcher: ILauncher,
    mainMenu: IMainMenu
  },
  activate: ({
    app,
    rooms,
    documents,
    browsers,
    palette,
    launcher,
    mainMenu,
    trans
  }) => {
    const commands = new RoomCommands(app, rooms, documents, browsers, trans);
    commands.add();
    const { newDiagram, newRoom } = CommandIDs;
    addToPalette(rooms, palette, trans, [newDiagram, newRoom, CommandIDs.show]);
    void rooms.present.then(isPresent => {
      if (!isPresent) {
        return;
      }
      for (const [i, command] of [newDiagram, newRoom].entries()) {
        launcher?.add({
          command,
          category: category(trans),
          rank: i + 1,
          args: { launcher: true }
        });
      }
      mainMenu?.fileMenu.newMenu.addGroup(
        [newDiagram, newRoom].map(command => ({
          command,
          args: { menu: true }
        })),
        31
      );
      app.contextMenu.addItem({
        command: CommandIDs.copyToRoom,
        args: { share: true },
        selector: '.jp-DirListing-item[data-file-type="plantuml"]',
        rank: 8.6
      });
    });
  }
});

/** The places of the commands on rooms: launcher, palette, menus. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import { IMainMenu } from '@jupyterlab/mainmenu';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { RoomCommands } from './roomcommands';
import { IRooms } from '../drive/tokens';
import { CommandIDs } from './commandids';

export const commandsPlugin: JupyterFrontEndPlugin<void> = {
  id: '@plant-together/jupyterlab:rooms-commands',
  description: 'Adds the commands on rooms.',
  autoStart: true,
  requires: [IRooms, IDocumentManager, IFileBrowserFactory],
  optional: [ITranslator, ICommandPalette, ILauncher, IMainMenu],
  activate: (
    app: JupyterFrontEnd,
    rooms: IRooms,
    documents: IDocumentManager,
    browsers: IFileBrowserFactory,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    mainMenu: IMainMenu | null
  ) => {
    const trans = (translator ?? nullTranslator).load('plant_together');
    const commands = new RoomCommands(app, rooms, documents, browsers, trans);
    commands.add();
    void rooms.present.then(isPresent => {
      if (!isPresent) {
        return;
      }
      const category = trans.__('Plant Together');
      for (const command of [
        CommandIDs.newDiagram,
        CommandIDs.newRoom,
        CommandIDs.show
      ]) {
        palette?.addItem({ command, category, args: { palette: true } });
      }
      launcher?.add({
        command: CommandIDs.newDiagram,
        category,
        rank: 1,
        args: { launcher: true }
      });
      launcher?.add({
        command: CommandIDs.newRoom,
        category,
        rank: 2,
        args: { launcher: true }
      });
      mainMenu?.fileMenu.newMenu.addGroup(
        [
          { command: CommandIDs.newDiagram, args: { menu: true } },
          { command: CommandIDs.newRoom, args: { menu: true } }
        ],
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
};

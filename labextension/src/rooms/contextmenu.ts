/**
 * The context menu of the rooms browser: what applies to rooms and documents.
 *
 * Lab's own menu there would offer terminals, notebooks and folders, and its
 * items cannot be hidden for one browser only. So the event ends here and this
 * menu opens; its items are the file browser's own commands and ours.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { FileBrowser } from '@jupyterlab/filebrowser';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import { ContextMenu } from '@lumino/widgets';
import { CommandIDs } from './commandids';

const DOCUMENT = '.jp-DirListing-item[data-isdir="false"]';
const ITEM = '.jp-DirListing-item[data-isdir]';
const ROOM = '.jp-DirListing-item[data-isdir="true"]';
const LISTING = '.jp-DirListing-content';

export function roomsContextMenu(
  browser: FileBrowser,
  app: JupyterFrontEnd,
  trans: TranslationBundle
): void {
  const menu = new ContextMenu({ commands: app.commands });
  const add = (
    command: string,
    selector: string,
    rank: number,
    args?: ReadonlyJSONObject
  ) => {
    menu.addItem({ command, selector, rank, args });
  };
  const separate = (selector: string, rank: number) => {
    menu.addItem({ type: 'separator', selector, rank });
  };
  add('filebrowser:open', ITEM, 1);
  add(CommandIDs.openAsText, DOCUMENT, 2);
  separate(ITEM, 10);
  add('filebrowser:rename', ITEM, 11);
  add('filebrowser:delete', ITEM, 12);
  add('filebrowser:duplicate', DOCUMENT, 13);
  // The sharing plugin's; without it the item is not there.
  add('plant-together:share-room', ROOM, 14, { browser: true });
  separate(ROOM, 15);
  add(CommandIDs.exportRoom, ROOM, 16, { menu: 'selected' });
  add(CommandIDs.importFiles, ROOM, 17, { menu: 'selected' });
  add(CommandIDs.restoreDeleted, ROOM, 18, { menu: 'selected' });
  separate(DOCUMENT, 20);
  add(CommandIDs.copyToRoom, DOCUMENT, 21);
  add(CommandIDs.copyToFiles, DOCUMENT, 22);
  add(CommandIDs.download, DOCUMENT, 23);
  separate(ITEM, 30);
  add('filebrowser:copy-path', ITEM, 31);
  add('filebrowser:share-main', ITEM, 32);
  separate(LISTING, 40);
  add(CommandIDs.newDiagram, LISTING, 41);
  add(CommandIDs.newRoom, LISTING, 42);
  separate(LISTING, 50);
  add(CommandIDs.exportRoom, LISTING, 51, { menu: 'view' });
  add(CommandIDs.importFiles, LISTING, 52, { menu: 'view' });
  add(CommandIDs.restoreDeleted, LISTING, 53, { menu: 'view' });
  menu.menu.title.label = trans.__('Rooms');

  browser.node.addEventListener('contextmenu', event => {
    if (event.shiftKey) {
      return; // The web browser's own menu, as everywhere in Lab.
    }
    if (menu.open(event)) {
      event.preventDefault();
    }
    event.stopPropagation();
  });
}

/**
 * A second file browser in the left sidebar: the rooms.
 *
 * It is Lab's own browser on our drive, with a toolbar and a context menu of
 * what applies to rooms. It is added at once, so that the layout restorer
 * finds it, and taken away again when the server part is missing.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { ILabShell, ILayoutRestorer } from '@jupyterlab/application';
import type { FileBrowser } from '@jupyterlab/filebrowser';
import {
  IDefaultFileBrowser,
  IFileBrowserFactory,
  Uploader
} from '@jupyterlab/filebrowser';
import { ITranslator } from '@jupyterlab/translation';
import type { TranslationBundle } from '@jupyterlab/translation';
import { CommandToolbarButton, refreshIcon } from '@jupyterlab/ui-components';
import { enableCrossDriveDrop } from '../drive/crossdrivedrop';
import { globalPath } from '../drive/paths';
import { IRooms } from '../drive/tokens';
import { roomsIcon } from '../ui/icons';
import { plugin } from '../ui/plugin';
import { showAccess } from './accessnotice';
import { BROWSER_ID, CommandIDs } from './commandids';
import { roomsContextMenu } from './contextmenu';
import { showHint } from './hint';
import { leaveLabItsBrowser } from './lastbrowser';

export const browserPlugin = plugin({
  id: '@plant-together/jupyterlab:rooms-browser',
  description: 'Shows the rooms in a file browser of their own.',
  requires: { rooms: IRooms, factory: IFileBrowserFactory },
  optional: {
    labShell: ILabShell,
    restorer: ILayoutRestorer,
    files: IDefaultFileBrowser
  },
  activate: ({
    app,
    rooms,
    factory,
    labShell,
    restorer,
    files,
    trans,
    translator
  }) => {
    const { commands } = app;
    const browser = factory.createFileBrowser(BROWSER_ID, {
      driveName: rooms.drive.name,
      auto: false,
      restore: false
    });
    dress(browser, app, trans, translator);
    const show = async (path?: string) => {
      if (browser.isDisposed) {
        return;
      }
      if (path !== undefined) {
        await browser.model.cd(`/${path}`);
      }
      labShell?.activateById(browser.id);
    };
    commands.addCommand(CommandIDs.show, {
      label: trans.__('Rooms'),
      caption: trans.__('Show the rooms'),
      describedBy: {
        args: { type: 'object', properties: { path: { type: 'string' } } }
      },
      execute: args => show(args.path as string | undefined)
    });
    commands.addCommand(CommandIDs.refresh, {
      label: trans.__('Refresh Rooms'),
      icon: refreshIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => browser.model.refresh()
    });

    showAccess(browser, rooms.services.endpoint, commands, trans);
    if (labShell) {
      labShell.add(browser, 'left', { rank: 101, type: 'Rooms' });
      restorer?.add(browser, BROWSER_ID);
    }
    follow(browser, rooms);
    enableCrossDriveDrop(
      browser,
      rooms.drive,
      app.serviceManager.contents,
      trans
    );
    if (files) {
      if (labShell) {
        leaveLabItsBrowser(browser, files, factory, labShell);
      }
      enableCrossDriveDrop(
        files,
        rooms.drive,
        app.serviceManager.contents,
        trans
      );
    }
    void rooms.present.then(async isPresent => {
      if (!isPresent) {
        browser.dispose();
        return;
      }
      await browser.model.restore(BROWSER_ID).catch(() => undefined);
      await browser.model.refresh();
    });
  }
});

function dress(
  browser: FileBrowser,
  app: JupyterFrontEnd,
  trans: TranslationBundle,
  translator: ITranslator | null
): void {
  const { commands } = app;
  browser.addClass('ptg-RoomsBrowser');
  browser.showFileCheckboxes = false;
  browser.title.icon = roomsIcon;
  browser.title.caption = trans.__('Rooms: diagrams drawn together');
  browser.node.setAttribute('role', 'region');
  browser.node.setAttribute('aria-label', trans.__('Rooms'));
  const { toolbar, model } = browser;
  for (const id of [CommandIDs.newDiagram, CommandIDs.newRoom]) {
    toolbar.addItem(
      id,
      new CommandToolbarButton({
        commands,
        id,
        label: '',
        args: { toolbar: true }
      })
    );
  }
  toolbar.addItem(
    'upload',
    new Uploader({ model, translator: translator ?? undefined })
  );
  toolbar.addItem(
    'refresh',
    new CommandToolbarButton({ commands, id: CommandIDs.refresh, label: '' })
  );
  roomsContextMenu(browser, app, trans);
  showHint(browser, commands, trans);
}

/** What happens to rooms shows in the browser, and it follows a rename. */
function follow(browser: FileBrowser, rooms: IRooms): void {
  const { model } = browser;
  // Lab's own model puts the drive before a path that has it already.
  rooms.drive.fileChanged.connect((_, { type, oldValue, newValue }) => {
    if (browser.isDisposed) {
      return;
    }
    const isHere =
      type === 'rename' &&
      newValue?.type === 'directory' &&
      model.path === globalPath(oldValue?.path ?? '');
    void (isHere ? model.cd(`/${newValue.path}`) : model.refresh());
  });
}

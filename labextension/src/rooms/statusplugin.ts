/** The status bar's item on the room document in front. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILabShell } from '@jupyterlab/application';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { StatusItem } from './statusitem';
import { IRooms } from '../drive/tokens';

export const statusPlugin: JupyterFrontEndPlugin<void> = {
  id: '@plant-together/jupyterlab:status',
  description: 'Says in the status bar whether a room document is saved.',
  autoStart: true,
  requires: [IRooms, IStatusBar, ILabShell, IDocumentManager],
  optional: [ITranslator],
  activate: (
    _app: JupyterFrontEnd,
    rooms: IRooms,
    statusBar: IStatusBar,
    shell: ILabShell,
    documents: IDocumentManager,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('plant_together');
    const item = new StatusItem(rooms.services.endpoint, trans);
    statusBar.registerStatusItem('plant-together:status', {
      item,
      align: 'left',
      rank: 1000,
      isActive: () => item.isActive,
      activeStateChanged: item.subjectChanged
    });
    const update = () => {
      const widget = shell.currentWidget;
      const context = widget && documents.contextForWidget(widget);
      item.session = context
        ? rooms.drive.sessions.of(context.model.sharedModel)
        : null;
    };
    shell.currentChanged.connect(update);
    // A widget can be in front before its session is known.
    rooms.drive.sessions.added.connect(() => requestAnimationFrame(update));
    update();
  }
};

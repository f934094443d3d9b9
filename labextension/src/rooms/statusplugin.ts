/** The status bar's item on the room document in front. */
import { ILabShell } from '@jupyterlab/application';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IStatusBar } from '@jupyterlab/statusbar';
import { IRooms } from '../drive/tokens';
import { plugin } from '../ui/plugin';
import { StatusItem } from './statusitem';

export const statusPlugin = plugin({
  id: '@plant-together/jupyterlab:status',
  description: 'Says in the status bar whether a room document is saved.',
  requires: {
    rooms: IRooms,
    statusBar: IStatusBar,
    shell: ILabShell,
    documents: IDocumentManager
  },
  activate: ({ rooms, statusBar, shell, documents, trans }) => {
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
});

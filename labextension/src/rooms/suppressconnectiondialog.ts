/**
 * Typing goes on while the server is away.
 *
 * Lab reports a lost server in a modal dialog, again and again: the keys of
 * somebody who is typing go to its button instead of the text. Whoever is in
 * the editor of a room document is told by the status item that they are
 * offline and what is kept, so there the dialog is answered before it shows.
 * Everywhere else it appears as ever.
 */
import { Dialog } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IRooms } from '../drive/tokens';
import { plugin } from '../ui/plugin';

export const suppressConnectionDialogPlugin = plugin({
  id: '@plant-together/jupyterlab:suppress-connection-dialog',
  description: 'Keeps the report of a lost server from taking typed keys.',
  requires: { rooms: IRooms, documents: IDocumentManager },
  activate: ({ app, rooms, documents, translator }) => {
    // Lab's own words, in its own bundle: the dialog has no other mark.
    const trans = translator.load('jupyterlab');
    const title = trans.__('Server Connection Error');
    const isTyping = () => {
      const widget = app.shell.currentWidget;
      const context = widget && documents.contextForWidget(widget);
      return (
        !!context &&
        rooms.drive.sessions.of(context.model.sharedModel) !== null &&
        widget.node.contains(document.activeElement)
      );
    };
    Dialog.tracker.widgetAdded.connect((_, dialog) => {
      if (dialog.node.ariaLabel?.startsWith(title) && isTyping()) {
        // It is being made; it can be answered once it has been launched.
        queueMicrotask(() => dialog.reject());
      }
    });
  }
});

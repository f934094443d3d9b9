/**
 * What rooms add to a diagram: remote carets, avatars, the read-only reason.
 */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { TranslationBundle } from '@jupyterlab/translation';
import { DisposableDelegate } from '@lumino/disposable';
import type { IDisposable } from '@lumino/disposable';
import { IDiagramExtras } from '../diagram/tokens';
import type { DiagramWidget } from '../diagram/widget';
import { Avatars } from './avatars';
import { revealCursor } from './cursorpublisher';
import { remoteCursorsExtension } from './cursors';
import type { DocumentSession } from './session';
import { IRooms } from './tokens';
import { statusWords } from './words';

/** jupyter-collaboration draws cursors in every editor already. */
const OTHER_CURSORS = '@jupyter/collaboration-extension:userEditorCursors';

export const diagramExtraPlugin: JupyterFrontEndPlugin<void> = {
  id: '@plant-together/jupyterlab:rooms-presence',
  description: 'Shows who is in a document and where.',
  autoStart: true,
  requires: [IRooms, IDiagramExtras],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    rooms: IRooms,
    extras: IDiagramExtras,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('plant_together');
    extras.register(context => {
      const session = rooms.drive.sessions.of(context.model.sharedModel);
      if (!session) {
        return null;
      }
      const ownCursors = !app.hasPlugin(OTHER_CURSORS);
      return {
        editorExtensions: ownCursors
          ? [remoteCursorsExtension(session.model, trans)]
          : [],
        attach: widget => attach(widget, session, trans)
      };
    });
  }
};

function attach(
  widget: DiagramWidget,
  session: DocumentSession,
  trans: TranslationBundle
): IDisposable {
  const avatars = new Avatars({
    model: session.model,
    trans,
    reveal: clients => {
      const { editorPane } = widget.content;
      if (editorPane.isHidden) {
        widget.content.setView({ layout: 'both' });
      }
      clients.some(client => revealCursor(editorPane.editor.editor, client));
    }
  });
  // Behind the toolbar's spacer, so that the row grows towards the middle.
  widget.toolbar.addItem('people', avatars);
  const lock = () => {
    if (widget.isDisposed) {
      return;
    }
    const { status } = session;
    const isViewer = session.connection?.role === 'viewer';
    widget.content.setReadOnly(
      status.kind === 'ended'
        ? statusWords(status, trans).detail
        : isViewer
          ? trans.__('You may look at this document, not change it.')
          : null
    );
  };
  session.statusChanged.connect(lock);
  session.control.connect(lock);
  lock();
  return new DisposableDelegate(() => {
    session.statusChanged.disconnect(lock);
    session.control.disconnect(lock);
  });
}

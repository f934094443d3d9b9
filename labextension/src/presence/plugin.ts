/**
 * Who else is in a diagram: their carets and selections in its editor, their
 * avatars in its toolbar, and why this user may not write.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { DisposableDelegate } from '@lumino/disposable';
import type { IDisposable } from '@lumino/disposable';
import { Widget } from '@lumino/widgets';
import { IDiagramExtras } from '../diagram/tokens';
import type { DiagramWidget } from '../diagram/widget';
import { extendRoomDiagrams } from '../drive/extending';
import { IRooms } from '../drive/tokens';
import type { DocumentSession } from '../sync/session';
import { statusText } from '../sync/statustext';
import { plugin } from '../ui/plugin';
import { Avatars } from './avatars';
import { revealCursor } from './cursorpublisher';
import { remoteCursorsExtension } from './cursors';

/** jupyter-collaboration draws cursors in every editor; twice is too often. */
const FOREIGN_CURSORS = '@jupyter/collaboration-extension:userEditorCursors';

export const presencePlugin = plugin({
  id: '@plant-together/jupyterlab:presence',
  description: 'Shows who else is in a diagram, and where.',
  requires: { rooms: IRooms, extras: IDiagramExtras },
  activate: ({ app, rooms, extras, trans }) => {
    extendRoomDiagrams(rooms, extras, session => ({
      editorExtensions: app.hasPlugin(FOREIGN_CURSORS)
        ? []
        : [remoteCursorsExtension(session.model, trans)],
      attach: widget => attach(widget, session, trans)
    }));
  }
});

function attach(
  widget: DiagramWidget,
  session: DocumentSession,
  trans: TranslationBundle
): IDisposable {
  const avatars = new Avatars({
    model: session.model,
    trans,
    reveal: clients => {
      const view = widget.content.editorPane.editor.editor;
      clients.some(client => revealCursor(view, client));
    }
  });
  widget.toolbar.addItem('people', avatars);
  const pill = new Widget({ node: document.createElement('span') });
  pill.addClass('ptg-RolePill');
  widget.toolbar.addItem('role', pill);
  const lock = () => {
    const { status } = session;
    const locked = status.kind === 'ended' || status.viewer;
    // Also while the server cannot save: who may only look is told that first.
    const told =
      status.viewer && status.kind !== 'ended'
        ? ({ ...status, kind: 'read-only' } as const)
        : status;
    // Lab's context reads what the file allows only when the file changes.
    widget.content.setWritable(!locked);
    const reason = locked ? statusText(told, trans).detail : null;
    widget.content.setReadOnly(reason);
    // Only what differs from the rule is marked.
    pill.setHidden(told.kind !== 'read-only');
    pill.node.textContent = trans.__('May look');
    pill.node.title = reason ?? '';
  };
  lock();
  session.statusChanged.connect(lock);
  return new DisposableDelegate(() => session.statusChanged.disconnect(lock));
}

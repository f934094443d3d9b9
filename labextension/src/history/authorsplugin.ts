/**
 * Authors beside the text of diagrams in rooms: the command, the toolbar's
 * button and the palette's line that switch them, and each editor's part.
 */
import { ICommandPalette } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ToolbarButton } from '@jupyterlab/ui-components';
import { DisposableDelegate } from '@lumino/disposable';
import { isEmbedded } from '../diagram/embedded';
import { IDiagramExtras, IDiagramTracker } from '../diagram/tokens';
import { addToPalette, extendRoomDiagrams } from '../drive/extending';
import { IRooms } from '../drive/tokens';
import type { DocumentSession } from '../sync/session';
import { plugin } from '../ui/plugin';
import { HistoryApi } from './api';
import { AuthorSwitch } from './authorswitch';
import { EditorAuthors } from './editorauthors';
import { authorsIcon } from './icons';

export namespace CommandIDs {
  export const showAuthors = 'plant-together:show-authors';
}

export const authorsPlugin = plugin({
  id: '@plant-together/jupyterlab:authors',
  description: 'Shows beside the text of diagrams who wrote it.',
  requires: {
    rooms: IRooms,
    extras: IDiagramExtras,
    diagrams: IDiagramTracker
  },
  optional: { settings: ISettingRegistry, palette: ICommandPalette },
  activate: ({
    app,
    rooms,
    extras,
    diagrams,
    settings,
    palette,
    trans,
    id
  }) => {
    const { commands } = app;
    const toggle = new AuthorSwitch();
    const sessionOf = (model: unknown) => rooms.drive.sessions.of(model);
    if (settings) {
      void toggle.load(settings, id);
    }
    commands.addCommand(CommandIDs.showAuthors, {
      label: trans.__('Show Authors'),
      caption: trans.__('Show beside the text who wrote it'),
      describedBy: { args: { type: 'object', properties: {} } },
      isToggleable: true,
      isToggled: () => toggle.isOn,
      isEnabled: () =>
        sessionOf(diagrams.currentWidget?.context.model.sharedModel) !== null,
      execute: () => toggle.toggle()
    });
    const notify = () => commands.notifyCommandChanged(CommandIDs.showAuthors);
    diagrams.currentChanged.connect(notify);
    toggle.changed.connect(notify);
    const apiOf = ({ document }: DocumentSession) =>
      document && new HistoryApi(rooms.services.endpoint, document);
    extendRoomDiagrams(rooms, extras, (session, context) => {
      if (isEmbedded.get(context)) {
        return null;
      }
      const authors = new EditorAuthors({
        session,
        api: () => apiOf(session),
        self: () => rooms.services.account.subject,
        trans
      });
      return {
        editorExtensions: [authors.extension],
        attach: widget => {
          const button = new ToolbarButton({
            icon: authorsIcon,
            tooltip: trans.__('Show authors: who wrote which line'),
            pressedTooltip: trans.__('Hide authors'),
            onClick: () => void toggle.toggle()
          });
          button.addClass('ptg-AuthorsButton');
          widget.toolbar.addItem('authors', button);
          const follow = () => {
            button.pressed = toggle.isOn;
            authors.setShown(toggle.isOn);
          };
          authors.attach(widget.content.editorPane.editor.editor);
          follow();
          toggle.changed.connect(follow);
          return new DisposableDelegate(() => {
            toggle.changed.disconnect(follow);
            authors.dispose();
          });
        }
      };
    });
    addToPalette(rooms, palette, trans, [CommandIDs.showAuthors], {});
  }
});

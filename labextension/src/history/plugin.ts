/**
 * History of diagrams in rooms: the command and toolbar button that open it,
 * one tab per document.
 */
import {
  ICommandPalette,
  IThemeManager,
  MainAreaWidget,
  showErrorMessage
} from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ToolbarButton } from '@jupyterlab/ui-components';
import { IDiagramRenderer } from '../diagram/renderer';
import { IDiagramExtras, IDiagramTracker } from '../diagram/tokens';
import type { DiagramWidget } from '../diagram/widget';
import { addToPalette, extendRoomDiagrams } from '../drive/extending';
import { IRooms } from '../drive/tokens';
import { plugin } from '../ui/plugin';
import { HistoryApi } from './api';
import { historyIcon } from './icons';
import { HistoryPanel } from './panel';

export namespace CommandIDs {
  export const show = 'plant-together:show-history';
}

export const historyPlugin = plugin({
  id: '@plant-together/jupyterlab:history',
  description: 'Shows the past of diagrams in rooms, and brings it back.',
  requires: {
    rooms: IRooms,
    extras: IDiagramExtras,
    diagrams: IDiagramTracker,
    renderer: IDiagramRenderer
  },
  optional: { palette: ICommandPalette, themes: IThemeManager },
  activate: ({
    app,
    rooms,
    extras,
    diagrams,
    renderer,
    palette,
    themes,
    trans
  }) => {
    const isDark = () => !!themes?.theme && !themes.isLight(themes.theme);
    const open = new Map<string, MainAreaWidget<HistoryPanel>>();
    const sessionOf = (widget: DiagramWidget | null) =>
      (widget && rooms.drive.sessions.of(widget.context.model.sharedModel)) ??
      null;
    const show = (widget: DiagramWidget | null): void => {
      const session = sessionOf(widget);
      const document = session?.document;
      if (!widget || !session || !document) {
        void showErrorMessage(
          trans.__('Cannot show the history'),
          trans.__('Open a diagram of a room first.')
        );
        return;
      }
      let tab = open.get(document.id);
      if (!tab) {
        const content = new HistoryPanel({
          api: new HistoryApi(rooms.services.endpoint, document),
          renderer,
          trans,
          key: `history-${document.id}`,
          session,
          isDark
        });
        tab = historyTab(content, document.name, trans);
        const redraw = () => content.redraw();
        themes?.themeChanged.connect(redraw);
        tab.disposed.connect(() => {
          themes?.themeChanged.disconnect(redraw);
          open.delete(document.id);
        });
        open.set(document.id, tab);
        app.shell.add(tab, 'main', { ref: widget.id, mode: 'tab-after' });
      }
      app.shell.activateById(tab.id);
    };
    app.commands.addCommand(CommandIDs.show, {
      label: args =>
        args.palette ? trans.__('Show History') : trans.__('Show history'),
      caption: trans.__('See who changed what, and go back'),
      icon: args => (args.palette ? undefined : historyIcon),
      describedBy: { args: { type: 'object', properties: {} } },
      isEnabled: () => sessionOf(diagrams.currentWidget) !== null,
      execute: () => show(diagrams.currentWidget)
    });
    diagrams.currentChanged.connect(() =>
      app.commands.notifyCommandChanged(CommandIDs.show)
    );
    extendRoomDiagrams(rooms, extras, () => ({
      attach: widget => {
        const button = new ToolbarButton({
          icon: historyIcon,
          tooltip: trans.__('History: see who changed what, and go back'),
          onClick: () => show(widget)
        });
        button.addClass('ptg-HistoryButton');
        widget.toolbar.addItem('history', button);
      }
    }));
    addToPalette(rooms, palette, trans, [CommandIDs.show]);
  }
});

function historyTab(
  content: HistoryPanel,
  name: string,
  trans: TranslationBundle
): MainAreaWidget<HistoryPanel> {
  const tab = new MainAreaWidget({ content });
  tab.id = `ptg-${content.id}`;
  tab.title.label = trans.__('History of %1', name);
  tab.title.icon = historyIcon;
  tab.title.closable = true;
  tab.toolbar.hide();
  return tab;
}

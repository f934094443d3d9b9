/**
 * Wires diagrams into Lab: the engine, the registry of extras, and the
 * document widget with its commands, settings and places in menus.
 */
import { ILayoutRestorer } from '@jupyterlab/application';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import {
  createToolbarFactory,
  ICommandPalette,
  IThemeManager,
  IToolbarWidgetRegistry,
  WidgetTracker
} from '@jupyterlab/apputils';
import { IEditorServices } from '@jupyterlab/codeeditor';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import { IMainMenu } from '@jupyterlab/mainmenu';
import { IDefaultDrive } from '@jupyterlab/services';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Widget } from '@lumino/widgets';
import { EXTENSIONS, FILE_TYPE, MIME_TYPE } from '../language/filetype';
import { createWorker } from '../render/create';
import { Renderer } from '../render/renderer';
import { plugin } from '../ui/plugin';
import { addCommands, CommandIDs } from './commands';
import { isEmbedded } from './embedded';
import { createExportButton } from './exportbutton';
import { Exporter } from './exporter';
import { DiagramExtras } from './extras';
import { DiagramFactory } from './factory';
import { diagramIcon } from './icons';
import { IDiagramRenderer } from './renderer';
import { readSettings } from './settings';
import type { IDiagramSettings } from './settings';
import { FACTORY, IDiagramExtras, IDiagramTracker } from './tokens';
import { ViewMemory } from './viewmemory';
import type { DiagramWidget } from './widget';

export const rendererPlugin = plugin({
  id: '@plant-together/jupyterlab:renderer',
  description: 'Provides the PlantUML engine in its worker.',
  provides: IDiagramRenderer,
  activate: ({ trans }) => new Renderer({ trans, createWorker })
});

export const extrasPlugin = plugin({
  id: '@plant-together/jupyterlab:diagram-extras',
  description: 'Provides the registry of those who add to diagrams.',
  provides: IDiagramExtras,
  activate: () => new DiagramExtras()
});

export const diagramPlugin = plugin({
  id: '@plant-together/jupyterlab:diagram',
  description: 'Opens PlantUML files beside a live preview.',
  provides: IDiagramTracker,
  requires: {
    services: IEditorServices,
    renderer: IDiagramRenderer,
    extras: IDiagramExtras
  },
  optional: {
    settingRegistry: ISettingRegistry,
    toolbarRegistry: IToolbarWidgetRegistry,
    themes: IThemeManager,
    state: IStateDB,
    restorer: ILayoutRestorer,
    palette: ICommandPalette,
    launcher: ILauncher,
    mainMenu: IMainMenu,
    browser: IDefaultFileBrowser,
    drive: IDefaultDrive
  },
  activate: ({
    app,
    services,
    renderer,
    extras,
    settingRegistry,
    toolbarRegistry,
    themes,
    state,
    restorer,
    palette,
    launcher,
    mainMenu,
    browser,
    drive,
    trans,
    translator,
    id
  }) => {
    const tracker = new WidgetTracker<DiagramWidget>({ namespace: 'diagram' });
    const exporter = new Exporter(trans);
    const views = new ViewMemory(state);
    const { commands, docRegistry } = app;
    addFileType(app, trans);

    const factory = new DiagramFactory(
      {
        name: FACTORY,
        label: trans.__('Diagram'),
        fileTypes: [FILE_TYPE],
        defaultFor: [FILE_TYPE],
        modelName: 'text',
        translator,
        toolbarFactory:
          toolbarRegistry && settingRegistry
            ? createToolbarFactory(
                toolbarRegistry,
                settingRegistry,
                FACTORY,
                id,
                translator
              )
            : undefined
      },
      {
        drive,
        services,
        renderer,
        extras,
        views,
        trans
      }
    );
    toolbarRegistry?.addFactory<Widget>(FACTORY, 'export', () =>
      createExportButton(commands, trans)
    );

    let settings = readSettings(null);
    const apply = (widget: DiagramWidget) =>
      applySettings(widget, settings, themes);
    factory.widgetCreated.connect((_, widget) => {
      widget.context.pathChanged.connect(() => void tracker.save(widget));
      widget.content.viewChanged.connect(() => {
        commands.notifyCommandChanged();
      });
      apply(widget);
      void tracker.add(widget);
    });
    themes?.themeChanged.connect(() => tracker.forEach(apply));
    tracker.currentChanged.connect(() => commands.notifyCommandChanged());
    if (settingRegistry) {
      const update = (loaded: ISettingRegistry.ISettings) => {
        settings = readSettings(loaded);
        const { layout, orientation } = settings;
        views.defaults = { ...views.defaults, layout, orientation };
        exporter.asShown = settings.exportTheme === 'shown';
        tracker.forEach(apply);
      };
      settingRegistry.load(id).then(
        loaded => {
          loaded.changed.connect(update);
          update(loaded);
        },
        (reason: unknown) => {
          console.warn(`No settings for ${id}`, reason);
        }
      );
    }
    // The state database answers in order: this comes before the restorer's
    // first diagram.
    void views.load();
    app.serviceManager.contents.fileChanged.connect((_, change) => {
      const from = change.oldValue?.path;
      const to = change.newValue?.path;
      if (change.type === 'rename' && from && to) {
        views.move(from, to);
      }
    });
    docRegistry.addWidgetFactory(factory);

    addCommands(commands, {
      current: () => tracker.currentWidget,
      exporter,
      trans,
      cwd: () => browser?.model.path ?? ''
    });
    void restorer?.restore(tracker, {
      command: 'docmanager:open',
      args: widget => ({ path: widget.context.path, factory: FACTORY }),
      // What has no name is not opened again.
      name: ({ context }) => (isEmbedded.get(context) ? '' : context.path)
    });
    launcher?.add({
      command: CommandIDs.createNew,
      category: trans.__('Other'),
      rank: 3
    });
    addToPalette(palette, trans);
    addToMenus(mainMenu, tracker);
    return tracker;
  }
});

function addFileType(app: JupyterFrontEnd, trans: TranslationBundle): void {
  app.docRegistry.addFileType({
    name: FILE_TYPE,
    displayName: trans.__('PlantUML diagram'),
    extensions: EXTENSIONS,
    mimeTypes: [MIME_TYPE],
    contentType: 'file',
    fileFormat: 'text',
    icon: diagramIcon
  });
}

function applySettings(
  widget: DiagramWidget,
  settings: IDiagramSettings,
  themes: IThemeManager | null
): void {
  const { live, preview } = widget.content;
  live.delay = settings.renderDelay;
  preview.gestures.wheel = isEmbedded.get(widget.context)
    ? 'leave'
    : settings.wheel;
  const theme = themes?.theme;
  const isDark = !!theme && !themes.isLight(theme);
  live.setDark(settings.theme === 'follow' && isDark);
}

function addToPalette(
  palette: ICommandPalette | null,
  trans: TranslationBundle
): void {
  const category = trans.__('PlantUML Diagram');
  palette?.addItem({
    command: CommandIDs.createNew,
    category,
    args: { isPalette: true }
  });
  for (const command of [CommandIDs.exportPicture, CommandIDs.copyPicture]) {
    for (const format of ['svg', 'png']) {
      palette?.addItem({ command, category, args: { format } });
    }
  }
  for (const command of [
    CommandIDs.showEditor,
    CommandIDs.showBoth,
    CommandIDs.showPreview,
    CommandIDs.switchOrientation,
    CommandIDs.zoomIn,
    CommandIDs.zoomOut,
    CommandIDs.zoomFit,
    CommandIDs.zoomActual
  ]) {
    palette?.addItem({ command, category });
  }
}

function addToMenus(
  mainMenu: IMainMenu | null,
  tracker: IDiagramTracker
): void {
  const isEnabled = (widget: Widget) => tracker.has(widget);
  mainMenu?.editMenu.undoers.undo.add({ id: CommandIDs.undo, isEnabled });
  mainMenu?.editMenu.undoers.redo.add({ id: CommandIDs.redo, isEnabled });
}

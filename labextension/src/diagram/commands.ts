/** The commands on diagrams. They act on the current one. */
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { Exporter } from './exporter';
import {
  diagramIcon,
  fitIcon,
  layoutBothIcon,
  layoutEditorIcon,
  layoutPreviewIcon,
  orientationIcon,
  zoomInIcon,
  zoomOutIcon
} from './icons';
import type { DiagramLayout } from './panel';
import type { PictureFormat } from './picture';
import { TEMPLATE } from './template';
import { FACTORY } from './tokens';
import type { DiagramWidget } from './widget';

export namespace CommandIDs {
  export const createNew = 'diagram:create-new';
  export const showEditor = 'diagram:show-editor';
  export const showBoth = 'diagram:show-both';
  export const showPreview = 'diagram:show-preview';
  export const switchOrientation = 'diagram:switch-orientation';
  export const zoomIn = 'diagram:zoom-in';
  export const zoomOut = 'diagram:zoom-out';
  export const zoomFit = 'diagram:zoom-fit';
  export const zoomActual = 'diagram:zoom-actual-size';
  export const exportPicture = 'diagram:export';
  export const copyPicture = 'diagram:copy-picture';
  export const undo = 'diagram:undo';
  export const redo = 'diagram:redo';
}

const FORMAT_ARGS = {
  type: 'object',
  properties: { format: { type: 'string', enum: ['svg', 'png'] } }
};

const NO_ARGS = { type: 'object', properties: {} };

export function addCommands(
  commands: CommandRegistry,
  options: {
    current: () => DiagramWidget | null;
    exporter: Exporter;
    trans: TranslationBundle;
    /** The folder of the file browser. */
    cwd: () => string;
  }
): void {
  const { current, exporter, trans } = options;
  const isEnabled = () => current() !== null;

  commands.addCommand(CommandIDs.createNew, {
    label: args =>
      args.isPalette
        ? trans.__('New PlantUML Diagram')
        : args.isMenu
          ? trans.__('PlantUML Diagram')
          : trans.__('PlantUML diagram'),
    caption: trans.__('Create a PlantUML diagram'),
    icon: args => (args.isPalette ? undefined : diagramIcon),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          cwd: { type: 'string', description: 'Folder of the new file' },
          isPalette: { type: 'boolean' },
          isMenu: { type: 'boolean' }
        }
      }
    },
    execute: args =>
      createDiagram(commands, (args.cwd as string) || options.cwd())
  });

  const layouts: {
    id: string;
    layout: DiagramLayout;
    label: string;
    icon: LabIcon;
  }[] = [
    {
      id: CommandIDs.showEditor,
      layout: 'editor',
      label: trans.__('Editor Only'),
      icon: layoutEditorIcon
    },
    {
      id: CommandIDs.showBoth,
      layout: 'both',
      label: trans.__('Editor and Preview'),
      icon: layoutBothIcon
    },
    {
      id: CommandIDs.showPreview,
      layout: 'preview',
      label: trans.__('Preview Only'),
      icon: layoutPreviewIcon
    }
  ];
  for (const { id, layout, label, icon } of layouts) {
    commands.addCommand(id, {
      label,
      caption: label,
      icon,
      describedBy: { args: NO_ARGS },
      isEnabled,
      isToggleable: true,
      isToggled: () => current()?.content.view.layout === layout,
      execute: () => current()?.content.setView({ layout })
    });
  }

  commands.addCommand(CommandIDs.switchOrientation, {
    label: trans.__('Preview Below the Editor'),
    caption: trans.__('Preview below the editor'),
    icon: orientationIcon,
    describedBy: { args: NO_ARGS },
    isEnabled: () => current()?.content.view.layout === 'both',
    isToggleable: true,
    isToggled: () => current()?.content.view.orientation === 'vertical',
    execute: () => {
      const content = current()?.content;
      content?.setView({
        orientation:
          content.view.orientation === 'vertical' ? 'horizontal' : 'vertical'
      });
    }
  });

  const zooms = [
    {
      id: CommandIDs.zoomIn,
      label: trans.__('Zoom In'),
      icon: zoomInIcon,
      act: (widget: DiagramWidget) => widget.content.preview.viewport.zoomIn()
    },
    {
      id: CommandIDs.zoomOut,
      label: trans.__('Zoom Out'),
      icon: zoomOutIcon,
      act: (widget: DiagramWidget) => widget.content.preview.viewport.zoomOut()
    },
    {
      id: CommandIDs.zoomFit,
      label: trans.__('Fit Diagram to Window'),
      icon: fitIcon,
      act: (widget: DiagramWidget) => widget.content.preview.viewport.fit()
    },
    {
      id: CommandIDs.zoomActual,
      label: trans.__('Natural Size (100 %)'),
      icon: undefined,
      act: (widget: DiagramWidget) =>
        widget.content.preview.viewport.actualSize()
    }
  ];
  for (const { id, label, icon, act } of zooms) {
    commands.addCommand(id, {
      label,
      icon,
      describedBy: { args: NO_ARGS },
      isEnabled,
      execute: () => {
        const widget = current();
        if (widget) {
          act(widget);
        }
      }
    });
  }

  const formatOf = (args: ReadonlyPartialJSONObject): PictureFormat =>
    args.format === 'png' ? 'png' : 'svg';
  commands.addCommand(CommandIDs.exportPicture, {
    label: args =>
      formatOf(args) === 'png'
        ? trans.__('Export Diagram as PNG')
        : trans.__('Export Diagram as SVG'),
    describedBy: { args: FORMAT_ARGS },
    isEnabled,
    execute: async args => {
      const widget = current();
      if (widget) {
        await exporter.save(widget, formatOf(args));
      }
    }
  });
  commands.addCommand(CommandIDs.copyPicture, {
    label: args =>
      formatOf(args) === 'png'
        ? trans.__('Copy Diagram as PNG')
        : trans.__('Copy Diagram as SVG'),
    describedBy: { args: FORMAT_ARGS },
    isEnabled,
    execute: async args => {
      const widget = current();
      if (widget) {
        await exporter.copy(widget, formatOf(args));
      }
    }
  });

  commands.addCommand(CommandIDs.undo, {
    label: trans.__('Undo'),
    describedBy: { args: NO_ARGS },
    isEnabled: () => current()?.context.model.sharedModel.canUndo() ?? false,
    execute: () => current()?.content.editorPane.editor.undo()
  });
  commands.addCommand(CommandIDs.redo, {
    label: trans.__('Redo'),
    describedBy: { args: NO_ARGS },
    isEnabled: () => current()?.context.model.sharedModel.canRedo() ?? false,
    execute: () => current()?.content.editorPane.editor.redo()
  });
}

/** A new file with the template, opened. */
async function createDiagram(
  commands: CommandRegistry,
  cwd: string
): Promise<DiagramWidget> {
  const model = (await commands.execute('docmanager:new-untitled', {
    path: cwd,
    type: 'file',
    ext: 'puml'
  })) as Contents.IModel;
  const widget = (await commands.execute('docmanager:open', {
    path: model.path,
    factory: FACTORY
  })) as DiagramWidget;
  await widget.context.ready;
  const { sharedModel } = widget.context.model;
  if (!sharedModel.getSource()) {
    sharedModel.setSource(TEMPLATE);
    sharedModel.clearUndoHistory();
    await widget.context.save();
  }
  return widget;
}

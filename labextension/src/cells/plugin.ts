/**
 * Shows a room's document live in the output of a notebook's cell.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { CommandIDs } from '../diagram/commands';
import { IDiagramTracker } from '../diagram/tokens';
import { IRooms } from '../drive/tokens';
import { plugin } from '../ui/plugin';
import { Embedding } from './embedding';
import { KernelModels } from './kernelmodels';
import { DiagramOutput } from './output';
import { DOCUMENT_MIME_TYPE } from './tokens';
import { widgetClasses, WIDGET_MODULE } from './widgets';

/** Of the widget's protocol; the kernel's class asks for `^1.0.0`. */
const VERSION = '1.0.0';

/** Before the picture and the text that come with it. */
const RANK = 10;

export const cellsPlugin = plugin({
  id: '@plant-together/jupyterlab:cells',
  description: 'Shows a document of a room live in the output of a cell.',
  requires: {
    rooms: IRooms,
    rendermime: IRenderMimeRegistry,
    diagrams: IDiagramTracker
  },
  activate: ({ app, rooms, rendermime, trans }) => {
    const embedding = new Embedding(app, rooms);
    const models = new KernelModels(trans);
    const createOutput = () => new DiagramOutput(embedding, models, trans);
    void registerWidgets(app, models, createOutput);
    rendermime.addFactory(
      {
        // To open a document is to be seen there: only where the notebook is
        // trusted.
        safe: false,
        mimeTypes: [DOCUMENT_MIME_TYPE],
        defaultRank: RANK,
        createRenderer: createOutput
      },
      RANK
    );
    // Lab's undo goes to the notebook that is the current widget.
    for (const [command, keys] of [
      [CommandIDs.undo, ['Accel Z']],
      [CommandIDs.redo, ['Accel Shift Z']]
    ] as const) {
      app.commands.addKeyBinding({
        command,
        keys: [...keys],
        selector: '.jp-DiagramOutput [data-jp-undoer]'
      });
    }
  }
});

/** Tell the widget manager of ours; without jupyterlab_widgets there is none. */
async function registerWidgets(
  app: JupyterFrontEnd,
  models: KernelModels,
  createOutput: () => DiagramOutput
): Promise<void> {
  let base: typeof import('@jupyter-widgets/base');
  try {
    base = await import('@jupyter-widgets/base');
  } catch {
    return;
  }
  const registry = await app.resolveOptionalService(
    base.IJupyterWidgetRegistry
  );
  registry?.registerWidget({
    name: WIDGET_MODULE,
    version: VERSION,
    exports: widgetClasses(base, models, createOutput) as never
  });
}

/**
 * The browser's side of `plant.DiagramWidget`, for the widget manager.
 *
 * The classes are made from a module that is there only where jupyterlab_widgets
 * is: it is imported when the plugin starts, so that without it everything
 * else works. A view holds the same output that a document shows by itself.
 */
import { Widget } from '@lumino/widgets';
import type { KernelModels } from './kernelmodels';
import type { DiagramOutput } from './output';
import { shownDocument } from './tokens';

/** The module and the version that the kernel's class names. */
export const WIDGET_MODULE = '@plant-together/jupyterlab';

type Base = typeof import('@jupyter-widgets/base');

/** Make the model and the view. */
export function widgetClasses(
  base: Base,
  models: KernelModels,
  createOutput: () => DiagramOutput
): Record<string, unknown> {
  class DiagramModel extends base.DOMWidgetModel {
    override initialize(
      ...args: Parameters<InstanceType<Base['DOMWidgetModel']>['initialize']>
    ): void {
      super.initialize(...args);
      models.add(this);
    }

    override close(isClosed?: boolean): Promise<void> {
      models.remove(this);
      return super.close(isClosed);
    }
  }

  class DiagramView extends base.DOMWidgetView {
    override render(): void {
      super.render();
      this.el.classList.add('jp-DiagramWidget');
      const output = createOutput();
      this._output = output;
      // What a kernel says is checked as what a notebook's file says is.
      const get = (name: string) => this.model.get(name) as unknown;
      const shown = shownDocument({
        room_id: get('room_id'),
        id: get('document_id'),
        room: get('room'),
        document: get('document'),
        widget: this.model.model_id
      });
      if (shown) {
        void output.open(shown);
      } else {
        output.refuse();
      }
      void this.displayed.then(() => {
        if (!output.isDisposed) {
          Widget.attach(output, this.el);
        }
      });
    }

    override remove(): void {
      this._output?.dispose();
      super.remove();
    }

    private _output: DiagramOutput | undefined;
  }

  return { DiagramModel, DiagramView };
}

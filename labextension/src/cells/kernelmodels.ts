/**
 * The widgets that kernels have made, by their ids, and what ties one to a
 * diagram on the page.
 *
 * The kernel decides how a diagram is shown; the page tells it the picture
 * and what is wrong with the text. The text itself never goes this way: the
 * kernel and the page each have the document.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { DisposableDelegate } from '@lumino/disposable';
import type { IDisposable } from '@lumino/disposable';
import type { DiagramWidget } from '../diagram/widget';

/** What is needed of an ipywidgets model. */
export interface IKernelModel {
  readonly model_id: string;
  get(name: string): unknown;
  set(values: Record<string, unknown>): unknown;
  save_changes(): void;
  on(events: string, callback: () => void): unknown;
  off(events: string, callback: () => void): unknown;
}

const EVENTS = 'change:height change:editable';

export class KernelModels {
  constructor(private _trans: TranslationBundle) {}

  add(model: IKernelModel): void {
    this._models.set(model.model_id, model);
  }

  remove(model: IKernelModel): void {
    this._models.delete(model.model_id);
  }

  /**
   * Let a diagram follow the widget with this id, if there is one here.
   *
   * @param resize - sets the height, in pixels
   */
  bind(
    id: string,
    diagram: DiagramWidget,
    resize: (height: number) => void
  ): IDisposable | null {
    const model = this._models.get(id);
    if (!model) {
      return null;
    }
    const { content } = diagram;
    const follow = () => {
      resize(Number(model.get('height')));
      const isEditable = model.get('editable') !== false;
      content.setViewOnly(
        isEditable ? null : this._trans.__('This view is only for looking.')
      );
      content.setView({ layout: isEditable ? 'both' : 'preview' });
    };
    const tell = () => {
      const { preview, live } = content;
      const error = preview.problem;
      model.set({
        svg: live.current?.svg ?? '',
        error: error && { line: error.line, message: error.message }
      });
      model.save_changes();
    };
    model.on(EVENTS, follow);
    content.preview.shown.connect(tell);
    follow();
    return new DisposableDelegate(() => {
      model.off(EVENTS, follow);
      content.preview.shown.disconnect(tell);
    });
  }

  private _models = new Map<string, IKernelModel>();
}

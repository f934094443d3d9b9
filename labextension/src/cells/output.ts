/**
 * A document in the output of a cell: the live diagram, with its editor.
 *
 * The output holds ids, so it shows the document as it is now, without a
 * kernel, for whoever may see it. A document that cannot be opened is a
 * sentence in its place, with a way to try again.
 */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { TranslationBundle } from '@jupyterlab/translation';
import { MessageLoop } from '@lumino/messaging';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import type { DiagramWidget } from '../diagram/widget';
import { statusOf } from '../server/errors';
import type { Embedding } from './embedding';
import type { KernelModels } from './kernelmodels';
import { DOCUMENT_MIME_TYPE, shownDocument } from './tokens';
import type { IShownDocument } from './tokens';

const HEIGHT = 360;

export class DiagramOutput extends Widget implements IRenderMime.IRenderer {
  constructor(
    private _embedding: Embedding,
    private _models: KernelModels,
    private _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-DiagramOutput');
    this._message = document.createElement('div');
    this._message.className = 'jp-DiagramOutput-message';
    this._message.setAttribute('role', 'status');
    this.node.append(this._message);
  }

  /** Show the document of an output; the same again changes nothing. */
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const shown = shownDocument(model.data[DOCUMENT_MIME_TYPE]);
    if (!shown) {
      this.refuse();
      return;
    }
    if (shown.id !== this._shown?.id || !this._diagram) {
      await this.open(shown);
    }
  }

  /** Say that what is to be shown is no document. */
  refuse(): void {
    this._say(this._trans.__('This output names no document of a room.'));
  }

  /** Show a document in place of the one before. */
  async open(shown: IShownDocument): Promise<void> {
    this._shown = shown;
    this._diagram?.dispose();
    this._diagram = null;
    this._say(this._trans.__('Opening the diagram…'));
    let path: string;
    try {
      path = await this._embedding.locate(shown);
    } catch (reason) {
      if (!this.isDisposed) {
        this._failed(shown, reason);
      }
      return;
    }
    if (this.isDisposed || this._shown !== shown) {
      return;
    }
    // Its history was replaced, or it is deleted: ask again what there is.
    const diagram = this._embedding.open(path, () => {
      if (this._shown === shown && !this.isDisposed) {
        void this.open(shown);
      }
    });
    this._diagram = diagram;
    this._message.hidden = true;
    diagram.addClass('jp-DiagramOutput-diagram');
    this._resize(shown.height ?? HEIGHT);
    this._attach();
    if (shown.widget) {
      const bound = this._models.bind(shown.widget, diagram, height =>
        this._resize(height)
      );
      diagram.disposed.connect(() => bound?.dispose());
    }
  }

  override dispose(): void {
    if (!this.isDisposed) {
      for (const one of [this._diagram, this]) {
        if (one?.isAttached && !one.node.isConnected) {
          // Whoever shows this has taken the node away; Lumino would complain.
          MessageLoop.sendMessage(one, Widget.Msg.AfterDetach);
        }
      }
      this._diagram?.dispose();
      super.dispose();
    }
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    this._attach();
  }

  protected override onBeforeDetach(msg: Message): void {
    if (this._diagram?.isAttached) {
      Widget.detach(this._diagram);
    }
    super.onBeforeDetach(msg);
  }

  protected override onResize(): void {
    if (this._diagram) {
      MessageLoop.sendMessage(this._diagram, Widget.ResizeMessage.UnknownSize);
    }
  }

  protected override onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    this.onResize();
  }

  private _resize(height: number): void {
    this.node.style.height = `${height}px`;
  }

  private _attach(): void {
    if (this._diagram && this.isAttached && !this._diagram.isAttached) {
      Widget.attach(this._diagram, this.node);
      this._observer = new ResizeObserver(() => this.onResize());
      this._observer.observe(this.node);
      this._diagram.disposed.connect(() => this._observer?.disconnect());
    }
  }

  private _failed(shown: IShownDocument, reason: unknown): void {
    const trans = this._trans;
    const name = [shown.room, shown.document].filter(Boolean).join('/');
    const status = statusOf(reason);
    this._say(
      status === 404 || status === 403
        ? trans.__(
            '%1 is not there any more, or not for you.',
            name || shown.id
          )
        : trans.__(
            '%1 cannot be opened now: %2',
            name || shown.id,
            String(reason)
          )
    );
    const again = document.createElement('button');
    again.className = 'jp-Button jp-mod-styled jp-mod-minimal';
    again.textContent = trans.__('Try again');
    again.addEventListener('click', () => void this.open(shown));
    this._message.append(' ', again);
  }

  private _say(sentence: string): void {
    this._message.hidden = false;
    this._message.textContent = sentence;
    this.node.style.height = '';
  }

  private _diagram: DiagramWidget | null = null;
  private _message: HTMLElement;
  private _observer: ResizeObserver | null = null;
  private _shown: IShownDocument | null = null;
}

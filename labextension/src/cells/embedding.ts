/**
 * Opens a room's document inside another widget.
 *
 * It is asked for by its ids, because names change; the diagram is the very
 * widget that a tab shows, on a context of its own.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Context } from '@jupyterlab/docregistry';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { isEmbedded } from '../diagram/embedded';
import { FACTORY } from '../diagram/tokens';
import type { DiagramWidget } from '../diagram/widget';
import { documentPath, globalPath } from '../drive/paths';
import type { IRooms } from '../drive/tokens';
import { byId } from '../server/api';
import type { IShownDocument } from './tokens';

export class Embedding {
  constructor(
    private _app: JupyterFrontEnd,
    private _rooms: IRooms
  ) {}

  /** Where a document is now; rejects if it is gone or not for this user. */
  async locate(shown: IShownDocument): Promise<string> {
    const found = await this._rooms.services.api.document(
      byId({ id: shown.room_id }),
      byId(shown)
    );
    return globalPath(documentPath(found.room, found.name));
  }

  /**
   * Make the diagram of a document; its context goes with it.
   *
   * @param ended - called when the server let the document go
   */
  open(path: string, ended: () => void): DiagramWidget {
    const { docRegistry, serviceManager } = this._app;
    const factory = docRegistry.getWidgetFactory(FACTORY);
    const modelFactory = docRegistry.getModelFactory('text');
    if (!factory || !modelFactory) {
      throw new Error(`No widget factory ${FACTORY}`);
    }
    const context = new Context({
      manager: serviceManager,
      factory:
        modelFactory as DocumentRegistry.IModelFactory<DocumentRegistry.ICodeModel>,
      path,
      // Rooms save by themselves; nobody is asked about this copy.
      setBusy: undefined
    });
    isEmbedded.set(context, true);
    const widget = factory.createNew(context) as DiagramWidget;
    const session = this._rooms.drive.sessions.of(context.model.sharedModel);
    session?.ended.connect(ended);
    widget.disposed.connect(() => context.dispose());
    void context.initialize(false);
    return widget;
  }
}

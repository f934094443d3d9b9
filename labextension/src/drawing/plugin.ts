/** Lets the server draw what the page cannot, for diagrams in rooms. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { IDiagramExtras } from '../diagram/tokens';
import { IRooms } from '../drive/tokens';
import { Rest } from '../server/rest';
import { ServerDrawing } from './serverdrawing';

export const drawingPlugin: JupyterFrontEndPlugin<void> = {
  id: '@plant-together/jupyterlab:server-drawing',
  description:
    'Draws by the server: texts that include others, types that the engine lacks.',
  autoStart: true,
  requires: [IRooms, IDiagramExtras],
  optional: [ITranslator],
  activate: (
    _app: JupyterFrontEnd,
    rooms: IRooms,
    extras: IDiagramExtras,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('plant_together');
    extras.register(context => {
      const session = rooms.drive.sessions.of(context.model.sharedModel);
      if (!session) {
        return null;
      }
      let isShown = () => false;
      const elsewhere = new ServerDrawing({
        rest: new Rest(rooms.services.endpoint),
        document: () => session.document,
        isShown: () => isShown(),
        trans
      });
      return {
        elsewhere,
        attach: widget => {
          isShown = () => widget.isVisible;
          return elsewhere;
        }
      };
    });
  }
};

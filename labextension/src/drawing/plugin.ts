/** Lets the server draw what the page cannot, for diagrams in rooms. */
import { IDiagramExtras } from '../diagram/tokens';
import { extendRoomDiagrams } from '../drive/extending';
import { IRooms } from '../drive/tokens';
import { Rest } from '../server/rest';
import { plugin } from '../ui/plugin';
import { ServerDrawing } from './serverdrawing';

export const drawingPlugin = plugin({
  id: '@plant-together/jupyterlab:server-drawing',
  description:
    'Draws by the server: texts that include others, types that the engine lacks.',
  requires: { rooms: IRooms, extras: IDiagramExtras },
  activate: ({ rooms, extras, trans }) => {
    extendRoomDiagrams(rooms, extras, session => {
      let isShown = () => false;
      const fallbackRenderer = new ServerDrawing({
        rest: new Rest(rooms.services.endpoint),
        document: () => session.document,
        isShown: () => isShown(),
        trans
      });
      return {
        fallbackRenderer,
        attach: widget => {
          isShown = () => widget.isVisible;
          return fallbackRenderer;
        }
      };
    });
  }
});

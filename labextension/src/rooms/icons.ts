/**
 * The icons of rooms. The strokes take the theme's colour.
 */
import { LabIcon } from '@jupyterlab/ui-components';
import { strokeIcon } from '../ui/icons';

/** A door with a plus: a new room. */
export const newRoomIcon = strokeIcon(
  'new-room',
  '<path d="M4 20V5.5A1.5 1.5 0 0 1 5.5 4h7A1.5 1.5 0 0 1 14 5.5V11M4 20h8M2.5 20h1.5"/><path d="M10.6 12.4v.1"/><path d="M18 14.5v6M15 17.5h6"/>'
);

/** A sheet with a plus: a new diagram. */
export const newDiagramIcon = strokeIcon(
  'new-diagram',
  '<path d="M12 20H6.5A1.5 1.5 0 0 1 5 18.500v-13A1.5 1.5 0 0 1 6.5 4h7L18 8.500V11"/><path d="M8.500 9.500h3v2.500h-3zM10 12v3"/><path d="M18 14.500v6M15 17.500h6"/>'
);

/** The launcher's large card for a room. */
export const roomCardIcon = new LabIcon({
  name: 'plant-together:room-card',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24"><g fill="none" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"><g stroke="#7b2fb5"><circle cx="8" cy="8.2" r="3.2"/><path d="M2.6 19.2c.3-3.4 2.5-5.4 5.4-5.4s5.100 2 5.400 5.400"/></g><path stroke="#2e9e5b" d="M14.600 5.300a3.200 3.200 0 0 1 0 5.800M16.400 14.200c2.700.5 4.600 2.300 5 5"/></g></svg>`
});

/** Makes the icons of this extension, and holds those that several parts show. */
import { LabIcon } from '@jupyterlab/ui-components';

/**
 * An icon of strokes on 24 × 24 that take the theme's colour; Lab would fill
 * what is `jp-icon3` and has a `fill` of its own.
 */
export function strokeIcon(name: string, body: string): LabIcon {
  return new LabIcon({
    name: `plant-together:${name}`,
    svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24"><g fill="none" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"><g class="jp-icon3" stroke="#616161">${body}</g></g></svg>`
  });
}

/** Two people: the sidebar, and a group. */
export const roomsIcon = strokeIcon(
  'rooms',
  '<circle cx="8" cy="8.2" r="3.2"/><path d="M2.6 19.2c.3-3.4 2.5-5.4 5.4-5.4s5.1 2 5.4 5.4"/><path d="M14.6 5.3a3.2 3.2 0 0 1 0 5.8M16.4 14.2c2.7.5 4.6 2.3 5 5"/>'
);

/** The icons of the past. The strokes take the theme's colour. */
import { strokeIcon } from '../ui/icons';

/** A clock that turns back. */
export const historyIcon = strokeIcon(
  'history',
  '<path d="M4.500 12a7.700 7.700 0 1 0 2.500-5.700L4.500 8.500"/><path d="M4.500 4.500v4h4M12.200 8v4.300l3 1.800"/>'
);

/** A pen and a person: who wrote what. */
export const authorsIcon = strokeIcon(
  'authors',
  '<circle cx="9" cy="8.300" r="3.300"/><path d="M3 19.500c.3-3.600 2.700-5.700 6-5.700 1 0 1.800.2 2.600.5M14 20l.6-2.700 5.200-5.200 2 2-5.200 5.200z"/>'
);

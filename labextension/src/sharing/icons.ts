/** The icon of sharing: a person with a plus. */
import { strokeIcon } from '../ui/icons';

export const shareIcon = strokeIcon(
  'share',
  '<circle cx="9.500" cy="8.200" r="3.400"/><path d="M3.500 19.500c.3-3.600 2.800-5.800 6-5.800s5.700 2.200 6 5.800M18.500 8v6M15.500 11h6"/>'
);

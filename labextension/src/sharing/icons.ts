/** The icon of sharing: a person with a plus. */
import { LabIcon } from '@jupyterlab/ui-components';

export const shareIcon = new LabIcon({
  name: 'plant-together:share',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24"><g fill="none" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"><g class="jp-icon3" stroke="#616161"><circle cx="9.500" cy="8.200" r="3.400"/><path d="M3.500 19.500c.3-3.600 2.800-5.800 6-5.800s5.700 2.200 6 5.800M18.500 8v6M15.500 11h6"/></g></g></svg>'
});

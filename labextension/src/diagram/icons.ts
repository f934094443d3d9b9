/** The icons of diagrams. The accent of the file type's stays the same in light and dark. */
import { LabIcon } from '@jupyterlab/ui-components';
import { strokeIcon } from '../ui/icons';

/** Two lifelines with a message: the file type, launcher and tab. */
export const diagramIcon = new LabIcon({
  name: 'plant-together:diagram',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24"><g class="jp-icon-selectable" fill="none" stroke="#7b2fb5" stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round">
    <rect x="2.5" y="3" width="7.5" height="5" rx="1.2"/>
    <rect x="14" y="3" width="7.5" height="5" rx="1.2"/>
    <path d="M6.25 8v13M17.75 8v13"/>
  </g>
  <g fill="none" stroke="#2e9e5b" stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round">
    <path d="M6.25 13h10M13.6 10.4l2.8 2.6-2.8 2.6"/>
  </g></svg>`
});

export const layoutEditorIcon = strokeIcon(
  'layout-editor',
  '<rect x="3" y="4" width="18" height="16" rx="2"/><path d="M7 9h7M7 12.5h10M7 16h5"/>'
);

export const layoutBothIcon = strokeIcon(
  'layout-both',
  '<rect x="3" y="4" width="18" height="16" rx="2"/><path d="M12 4v16M5.8 9h3M5.8 12.5h3.4M5.8 16h2.2"/><rect x="14.6" y="10" width="3.9" height="4" rx=".6"/>'
);

export const layoutPreviewIcon = strokeIcon(
  'layout-preview',
  '<rect x="3" y="4" width="18" height="16" rx="2"/><rect x="6.4" y="8" width="4" height="3.4" rx=".6"/><rect x="13.6" y="12.8" width="4" height="3.4" rx=".6"/><path d="M10.4 9.7h5.2v3.1"/>'
);

export const orientationIcon = strokeIcon(
  'orientation',
  '<rect x="3" y="4" width="18" height="16" rx="2"/><path d="M3 12h18"/>'
);

export const zoomInIcon = strokeIcon('zoom-in', '<path d="M12 6v12M6 12h12"/>');

export const zoomOutIcon = strokeIcon('zoom-out', '<path d="M6 12h12"/>');

export const fitIcon = strokeIcon(
  'zoom-fit',
  '<path d="M4 9V5.5A1.5 1.5 0 0 1 5.5 4H9M15 4h3.5A1.5 1.5 0 0 1 20 5.5V9M20 15v3.5a1.5 1.5 0 0 1-1.5 1.5H15M9 20H5.5A1.5 1.5 0 0 1 4 18.5V15"/>'
);

export const exportIcon = strokeIcon(
  'export',
  '<path d="M12 4v11M7.5 10.8 12 15.3l4.5-4.5M4.5 16v2.5A1.5 1.5 0 0 0 6 20h12a1.5 1.5 0 0 0 1.5-1.5V16"/>'
);

export const previousIcon = strokeIcon(
  'previous-page',
  '<path d="m14 7-5 5 5 5"/>'
);

export const nextIcon = strokeIcon('next-page', '<path d="m10 7 5 5-5 5"/>');

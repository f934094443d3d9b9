/** The settings of diagrams, with their defaults. */
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { DiagramLayout, DiagramOrientation } from './panel';

export interface IDiagramSettings {
  layout: DiagramLayout;
  orientation: DiagramOrientation;
  /** Draw dark in dark themes, or always on light paper. */
  theme: 'follow' | 'light';
  /** Extra pause before drawing, in milliseconds. */
  renderDelay: number;
  wheel: 'pan' | 'zoom';
  /** Exported pictures light on white, or as they are shown. */
  exportTheme: 'light' | 'shown';
}

export const DEFAULTS: IDiagramSettings = {
  layout: 'both',
  orientation: 'horizontal',
  theme: 'follow',
  renderDelay: 0,
  wheel: 'pan',
  exportTheme: 'light'
};

export function readSettings(
  settings: ISettingRegistry.ISettings | null
): IDiagramSettings {
  const given = settings?.composite ?? {};
  const known = Object.keys(DEFAULTS).filter(key => given[key] !== undefined);
  return {
    ...DEFAULTS,
    ...Object.fromEntries(known.map(key => [key, given[key]]))
  };
}

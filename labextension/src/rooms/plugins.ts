/** The plugins of the rooms part. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { browserPlugin } from './browserplugin';
import { commandsPlugin } from './commandsplugin';
import { diagramExtraPlugin } from './diagramextra';
import { drivePlugin } from './driveplugin';
import { noticesPlugin } from './noticesplugin';
import { statusPlugin } from './statusplugin';

export const roomsPlugins: JupyterFrontEndPlugin<unknown>[] = [
  drivePlugin,
  browserPlugin,
  commandsPlugin,
  diagramExtraPlugin,
  noticesPlugin,
  statusPlugin
];

/** The plugins of the rooms part. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { accessPlugin } from './accessplugin';
import { browserPlugin } from './browserplugin';
import { commandsPlugin } from './commandsplugin';
import { drivePlugin } from './driveplugin';
import { noticesPlugin } from './noticesplugin';
import { presencePlugin } from './presenceplugin';
import { statusPlugin } from './statusplugin';
import { undisturbedPlugin } from './undisturbed';

export const roomsPlugins: JupyterFrontEndPlugin<unknown>[] = [
  drivePlugin,
  accessPlugin,
  browserPlugin,
  commandsPlugin,
  presencePlugin,
  noticesPlugin,
  statusPlugin,
  undisturbedPlugin
];

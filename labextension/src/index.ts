/**
 * The plugins of the labextension, one array: each plugin lives beside the
 * part that it wires.
 */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { diagramPlugin, extrasPlugin, rendererPlugin } from './diagram/plugin';
import { languagePlugin } from './language/plugin';
import { roomsPlugins } from './rooms/plugins';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  languagePlugin,
  rendererPlugin,
  extrasPlugin,
  diagramPlugin,
  ...roomsPlugins
];

export default plugins;

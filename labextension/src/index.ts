/**
 * The plugins of the labextension, one array: each plugin lives beside the
 * part that it wires.
 */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { diagramPlugin, extrasPlugin, rendererPlugin } from './diagram/plugin';
import { languagePlugin } from './language/plugin';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  languagePlugin,
  rendererPlugin,
  extrasPlugin,
  diagramPlugin
];

export default plugins;

/**
 * The plugins of the labextension, one array: each plugin lives beside the
 * part that it wires.
 */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { cellsPlugin } from './cells/plugin';
import { editorPlugin } from './diagram/editorplugin';
import { diagramPlugin, extrasPlugin, rendererPlugin } from './diagram/plugin';
import { drawingPlugin } from './drawing/plugin';
import { authorsPlugin } from './history/authorsplugin';
import { filesPlugin } from './files/plugin';
import { historyPlugin } from './history/plugin';
import { charactersPlugin, languagePlugin } from './language/plugin';
import { roomsPlugins } from './rooms/plugins';
import { sharingPlugin } from './sharing/plugin';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  languagePlugin,
  charactersPlugin,
  rendererPlugin,
  extrasPlugin,
  diagramPlugin,
  editorPlugin,
  ...roomsPlugins,
  sharingPlugin,
  historyPlugin,
  filesPlugin,
  authorsPlugin,
  drawingPlugin,
  cellsPlugin
];

export default plugins;

/**
 * The plugins of the labextension, one array: each plugin lives beside the
 * part that it wires.
 *
 * What may import what, from the top; nothing imports from a line above, and
 * parts of one line know nothing of each other:
 *
 *     index
 *     cells · drawing · files · history · sharing
 *     rooms       panel, commands, dialogs, notices, status bar
 *     presence    who is here: avatars, carets
 *     drive       rooms and documents as folders and files of Lab
 *     sync        one open document: model, connection, what is saved
 *     server      REST, and being let in
 *     offline     what this browser keeps
 *     diagram     editor and preview
 *     render      the engine in its worker
 *     editor      PlantUML in CodeMirror
 *     language    the language itself, without CodeMirror and page
 *     ui          controls and icons that several parts share
 *     shared      tables that Python and TypeScript both read
 */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { cellsPlugin } from './cells/plugin';
import { editorPlugin } from './diagram/editorplugin';
import { diagramPlugin, extrasPlugin, rendererPlugin } from './diagram/plugin';
import { drawingPlugin } from './drawing/plugin';
import { drivePlugin } from './drive/plugin';
import { charactersPlugin, languagePlugin } from './editor/plugin';
import { filesPlugin } from './files/plugin';
import { authorsPlugin } from './history/authorsplugin';
import { historyPlugin } from './history/plugin';
import { presencePlugin } from './presence/plugin';
import { accessPlugin } from './rooms/accessplugin';
import { browserPlugin } from './rooms/browserplugin';
import { commandsPlugin } from './rooms/commandsplugin';
import { noticesPlugin } from './rooms/noticesplugin';
import { statusPlugin } from './rooms/statusplugin';
import { suppressConnectionDialogPlugin } from './rooms/suppressconnectiondialog';
import { sharingPlugin } from './sharing/plugin';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  languagePlugin,
  charactersPlugin,
  rendererPlugin,
  extrasPlugin,
  diagramPlugin,
  editorPlugin,
  drivePlugin,
  accessPlugin,
  browserPlugin,
  commandsPlugin,
  presencePlugin,
  noticesPlugin,
  statusPlugin,
  suppressConnectionDialogPlugin,
  sharingPlugin,
  historyPlugin,
  filesPlugin,
  authorsPlugin,
  drawingPlugin,
  cellsPlugin
];

export default plugins;

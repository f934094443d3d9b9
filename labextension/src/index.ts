/**
 * The plugins of the labextension, one array: each plugin lives beside the
 * part that it wires.
 */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

const plugins: JupyterFrontEndPlugin<unknown>[] = [];

export default plugins;

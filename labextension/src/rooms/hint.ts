/**
 * What an empty list of rooms, or an empty room, says instead of nothing.
 */
import type { FileBrowser } from '@jupyterlab/filebrowser';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { localPathOf } from '../drive/paths';
import { CommandIDs } from './commandids';

export function showHint(
  browser: FileBrowser,
  commands: CommandRegistry,
  trans: TranslationBundle
): void {
  const { model } = browser;
  const hint = document.createElement('div');
  hint.className = 'ptg-RoomsHint';
  hint.hidden = true;
  const text = document.createElement('p');
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'jp-mod-styled jp-mod-accept';
  hint.append(text, button);
  // The panel of crumbs and listing has no public handle.
  const panel = browser.node.querySelector('.jp-FileBrowser-Panel');
  (panel ?? browser.node).appendChild(hint);

  const isRoot = () => !localPathOf(model.path);
  button.addEventListener('click', () => {
    void commands.execute(
      isRoot() ? CommandIDs.newRoom : CommandIDs.newDiagram
    );
  });
  model.refreshed.connect(() => {
    text.textContent = isRoot()
      ? trans.__(
          'A room holds diagrams that several people and their notebooks draw together.'
        )
      : trans.__('No diagrams in this room yet.');
    button.textContent = isRoot()
      ? trans.__('New room')
      : trans.__('New diagram');
    hint.hidden = model.items().next().done !== true;
  });
}

/**
 * What the list of rooms says where a gateway does not let us in: the sentence
 * of the state, and the button that signs in.
 */
import type { FileBrowser } from '@jupyterlab/filebrowser';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { accessText } from '../server/access';
import type { Endpoint } from '../server/endpoint';
import { CommandIDs } from './commandids';

export function showAccess(
  browser: FileBrowser,
  endpoint: Endpoint,
  commands: CommandRegistry,
  trans: TranslationBundle
): void {
  const notice = document.createElement('div');
  notice.className = 'ptg-RoomsNotice';
  notice.setAttribute('role', 'status');
  const title = document.createElement('strong');
  const text = document.createElement('p');
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'jp-mod-styled jp-mod-accept';
  button.textContent = trans.__('Sign in');
  button.addEventListener('click', () => {
    void commands.execute(CommandIDs.signIn);
  });
  notice.append(title, text, button);
  browser.node.prepend(notice);

  const update = () => {
    const { access } = endpoint;
    const told = accessText(access, trans);
    notice.hidden = told === null;
    title.textContent = told?.text ?? '';
    text.textContent = told?.detail ?? '';
    button.hidden = access !== 'sign-in';
    browser.node.classList.toggle('ptg-mod-closed', told !== null);
    if (access === 'ok' && !browser.isDisposed) {
      void browser.model.refresh();
    }
  };
  endpoint.accessChanged.connect(update);
  browser.disposed.connect(() => endpoint.accessChanged.disconnect(update));
  update();
}

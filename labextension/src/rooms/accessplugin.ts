/**
 * Signing in at a gateway: the command, and the message that asks for it.
 *
 * Where the hub still knows the user nothing of this is seen. A window can be
 * opened only when somebody presses something; so there is a message with a
 * button, which goes away as soon as the rooms are open.
 */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { IRooms } from '../drive/tokens';
import { CommandIDs } from './commandids';

export const accessPlugin: JupyterFrontEndPlugin<void> = {
  id: '@plant-together/jupyterlab:rooms-access',
  description: 'Signs in where the rooms are at the gateway of a JupyterHub.',
  autoStart: true,
  requires: [IRooms],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    rooms: IRooms,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ) => {
    const trans = (translator ?? nullTranslator).load('plant_together');
    const { endpoint } = rooms.services;
    const { commands } = app;
    const isAtGateway = () => endpoint.gateway !== null;
    commands.addCommand(CommandIDs.signIn, {
      label: trans.__('Sign In to Rooms'),
      caption: trans.__('Show the hub who you are, in a window of its own'),
      isVisible: isAtGateway,
      isEnabled: isAtGateway,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => endpoint.gateway?.signIn()
    });
    void rooms.present.then(() => {
      if (isAtGateway()) {
        palette?.addItem({
          command: CommandIDs.signIn,
          category: trans.__('Plant Together')
        });
      }
    });

    let message: string | null = null;
    const update = () => {
      const isAsked = endpoint.access === 'sign-in';
      if (isAsked && message === null) {
        message = Notification.warning(
          trans.__(
            'Sign in to work in rooms. Your own files are not affected.'
          ),
          {
            autoClose: false,
            actions: [
              {
                label: trans.__('Sign in'),
                callback: () => void commands.execute(CommandIDs.signIn)
              }
            ]
          }
        );
      } else if (!isAsked && message !== null) {
        Notification.dismiss(message);
        message = null;
      }
    };
    endpoint.accessChanged.connect(update);
    update();
  }
};

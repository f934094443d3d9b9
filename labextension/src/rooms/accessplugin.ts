/**
 * Signing in at a gateway: the command, and the message that asks for it.
 *
 * Where the hub still knows the user nothing of this is seen. A window can be
 * opened only when somebody presses something; so there is a message with a
 * button, which goes away as soon as the rooms are open.
 */
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { category } from '../drive/extending';
import { IRooms } from '../drive/tokens';
import { plugin } from '../ui/plugin';
import { CommandIDs } from './commandids';

export const accessPlugin = plugin({
  id: '@plant-together/jupyterlab:rooms-access',
  description: 'Signs in where the rooms are at the gateway of a JupyterHub.',
  requires: { rooms: IRooms },
  optional: { palette: ICommandPalette },
  activate: ({ app, rooms, palette, trans }) => {
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
          category: category(trans)
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
});

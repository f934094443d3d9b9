/**
 * Sharing of rooms: its commands, the button beside the avatars, and what
 * happens when somebody opens an invitation's link.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import {
  ICommandPalette,
  InputDialog,
  Notification,
  showErrorMessage
} from '@jupyterlab/apputils';
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ToolbarButton } from '@jupyterlab/ui-components';
import { IDiagramExtras, IDiagramTracker } from '../diagram/tokens';
import { addToPalette, extendRoomDiagrams } from '../drive/extending';
import { IRooms } from '../drive/tokens';
import { CommandIDs as RoomCommandIDs } from '../rooms/commandids';
import { CurrentRoom } from '../rooms/currentroom';
import { plugin } from '../ui/plugin';
import { SharingApi } from './api';
import { share } from './dialog';
import { shareIcon } from './icons';
import { invitationLink, takeInvitation, tokenIn } from './invitationlink';
import { roleName } from './roles';

export namespace CommandIDs {
  export const share = 'plant-together:share-room';
  export const accept = 'plant-together:accept-invitation';
}

export const sharingPlugin = plugin({
  id: '@plant-together/jupyterlab:sharing',
  description: 'Shares rooms: members, roles and invitation links.',
  requires: {
    rooms: IRooms,
    documents: IDocumentManager,
    browsers: IFileBrowserFactory,
    extras: IDiagramExtras,
    diagrams: IDiagramTracker
  },
  optional: { palette: ICommandPalette },
  activate: ({
    app,
    rooms,
    documents,
    browsers,
    extras,
    diagrams,
    palette,
    trans
  }) => {
    // Lab's router changes the address soon.
    const address = window.location.href;
    const currentRoom = new CurrentRoom(documents, browsers, diagrams);
    const sharing = new Sharing(app, rooms, trans);
    app.commands.addCommand(CommandIDs.share, {
      label: args =>
        args.palette ? trans.__('Share Room…') : trans.__('Share room…'),
      caption: trans.__('See and change who has access to the room'),
      icon: args => (args.palette ? undefined : shareIcon),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            room: { type: 'string', description: 'Name of the room' },
            browser: {
              type: 'boolean',
              description: 'The room selected in the browser of rooms'
            }
          }
        }
      },
      execute: async args => {
        const given = typeof args.room === 'string' ? args.room : null;
        const inFront = args.browser ? null : currentRoom.inFront();
        await sharing.share(given ?? inFront ?? currentRoom.inBrowser());
      }
    });
    app.commands.addCommand(CommandIDs.accept, {
      label: args =>
        args.palette
          ? trans.__('Accept Invitation…')
          : trans.__('Accept invitation…'),
      caption: trans.__('Come into a room by an invitation link'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            invitation: { type: 'string', description: 'The link or its token' }
          }
        }
      },
      execute: args =>
        sharing.accept(
          typeof args.invitation === 'string' ? args.invitation : null
        )
    });
    extendRoomDiagrams(rooms, extras, () => ({
      attach: widget => {
        const button = new ToolbarButton({
          icon: shareIcon,
          tooltip: trans.__('Share this room'),
          onClick: () => {
            void sharing.share(currentRoom.ofWidget(widget));
          }
        });
        button.addClass('ptg-ShareButton');
        widget.toolbar.addItem('share', button);
      }
    }));
    const invitation = takeInvitation(address);
    if (invitation !== null) {
      void app.restored.then(() => sharing.accept(invitation));
    }
    const shown = [CommandIDs.share, CommandIDs.accept];
    addToPalette(rooms, palette, trans, shown);
  }
});

class Sharing {
  constructor(
    private readonly _app: JupyterFrontEnd,
    private readonly _rooms: IRooms,
    private readonly _trans: TranslationBundle
  ) {
    this._api = new SharingApi(_rooms.services.endpoint);
  }

  async share(name: string | null): Promise<void> {
    const trans = this._trans;
    try {
      if (name === null) {
        throw new Error(trans.__('Open or select a room first.'));
      }
      const { api, endpoint, serverSettings } = this._rooms.services;
      const room = await api.room(name);
      const hasLeft = await share({
        api: this._api,
        room,
        trans,
        link: token => {
          const { baseUrl } = serverSettings;
          const place = endpoint.gateway?.url ?? baseUrl;
          return invitationLink(
            new URL(place, window.location.href).toString(),
            labUrl(baseUrl),
            token
          );
        }
      });
      if (hasLeft) {
        await this._app.commands.execute(RoomCommandIDs.show, { path: '' });
      }
      await this._app.commands.execute(RoomCommandIDs.refresh);
    } catch (error) {
      await showErrorMessage(trans.__('Cannot share the room'), error as Error);
    }
  }

  /** Come in by a link or token; without one, ask for it. */
  async accept(given: string | null): Promise<void> {
    const trans = this._trans;
    const text =
      given ??
      (
        await InputDialog.getText({
          title: trans.__('Accept an invitation'),
          label: trans.__('Invitation link'),
          okLabel: trans.__('Come in'),
          required: true
        })
      ).value;
    if (!text) {
      return;
    }
    try {
      const token = tokenIn(text);
      if (token === null) {
        throw new Error(
          trans.__('This is not an invitation link; copy the whole of it.')
        );
      }
      const accepted = await this._api.accept(token);
      await this._app.commands.execute(RoomCommandIDs.refresh);
      await this._app.commands.execute(RoomCommandIDs.show, {
        path: accepted.room
      });
      Notification.success(
        trans.__(
          'You are in the room “%1”: %2.',
          accepted.room,
          roleName(accepted.role, trans)
        ),
        { autoClose: 5000 }
      );
    } catch (error) {
      await showErrorMessage(
        trans.__('Cannot accept the invitation'),
        error as Error
      );
    }
  }

  private readonly _api: SharingApi;
}

/**
 * Where somebody else opens Lab. On a hub that is their own server, to which
 * the hub sends them; this page's server is ours alone.
 */
function labUrl(baseUrl: string): string {
  const app = PageConfig.getOption('appUrl') || '/lab';
  const hub = PageConfig.getOption('hubPrefix');
  const place = hub ? URLExt.join(hub, 'user-redirect') : baseUrl;
  const host = PageConfig.getOption('hubHost') || window.location.origin;
  return new URL(URLExt.join(place, app), host).toString();
}

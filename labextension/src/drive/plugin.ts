/**
 * The drive `Rooms:` in Lab.
 *
 * It is added before anything is awaited: a tab that Lab restores asks for its
 * path at once, and a path of an unknown drive would be looked for among the
 * user's own files.
 */
import { Notification } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { plugin } from '../ui/plugin';
import { RoomsDrive } from './drive';
import { RoomsServices } from './services';
import { IRooms } from './tokens';

const ENABLE = 'jupyter server extension enable jupyter_plant_together';
/** Lab's and the hub's commands that end the sign-in. */
const SIGN_OUTS = new Set(['filemenu:logout', 'hub:logout']);

export const drivePlugin = plugin({
  id: '@plant-together/jupyterlab:rooms',
  description: 'Adds the drive “Rooms:” with shared PlantUML documents.',
  provides: IRooms,
  optional: { settings: ISettingRegistry },
  activate: ({ app, id, settings, trans }) => {
    const { contents, serverSettings, user } = app.serviceManager;
    const services = new RoomsServices({ serverSettings, user, trans });
    const drive = new RoomsDrive(services, trans);
    contents.addDrive(drive);

    if (settings) {
      services.settingsRead = readSettings(settings, id, services);
    }
    app.commands.commandExecuted.connect((_, { id }) => {
      if (SIGN_OUTS.has(id)) {
        void services.signOut();
      }
    });
    const present = isPresent(services);
    void Promise.all([present, app.restored]).then(([isThere]) => {
      if (!isThere) {
        // Lab cuts a message at 140 characters; the command must be whole.
        Notification.warning(
          trans.__('Rooms need their server part. To enable it: %1', ENABLE),
          { autoClose: false }
        );
      }
    });
    return { services, drive, present };
  }
});

async function isPresent(services: RoomsServices): Promise<boolean> {
  try {
    await services.identify();
  } catch {
    // Away or signed out: whatever needs the server says so itself.
  }
  return services.account.serverPart !== 'absent';
}

async function readSettings(
  registry: ISettingRegistry,
  id: string,
  services: RoomsServices
): Promise<void> {
  try {
    const settings = await registry.load(id);
    const update = () => {
      services.offlineCopies = settings.composite.offlineCopies !== false;
    };
    settings.changed.connect(update);
    update();
  } catch (reason) {
    console.warn(`No settings for ${id}`, reason);
  }
}

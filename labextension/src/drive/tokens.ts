/** What the rooms offer to the plugins of this extension. */
import { Token } from '@lumino/coreutils';
import type { RoomsDrive } from './drive';
import type { RoomsServices } from './services';

/** The drive and what it is made of. */
export interface IRooms {
  readonly services: RoomsServices;
  readonly drive: RoomsDrive;
  /**
   * Whether the Jupyter server has our server part; `false` as soon as it said
   * that it has not. A server that gives no answer may have it.
   */
  readonly present: Promise<boolean>;
}

export const IRooms = new Token<IRooms>(
  '@plant-together/jupyterlab:IRooms',
  'The rooms of plant-together: their drive and open documents.'
);

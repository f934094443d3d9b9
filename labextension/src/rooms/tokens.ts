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

/** The commands on rooms. */
export namespace CommandIDs {
  export const show = 'plant-together:show-rooms';
  export const newRoom = 'plant-together:new-room';
  export const newDiagram = 'plant-together:new-diagram';
  export const refresh = 'plant-together:refresh-rooms';
  export const copyToRoom = 'plant-together:copy-to-room';
  export const copyToFiles = 'plant-together:copy-to-files';
  export const download = 'plant-together:download';
  export const restoreDeleted = 'plant-together:restore-deleted';
  export const exportRoom = 'plant-together:export-room';
  export const importFiles = 'plant-together:import-files';
  export const signIn = 'plant-together:sign-in';
  export const openAsText = 'plant-together:open-as-text';
}

/** The id of the second file browser, which is its widget's id too. */
export const BROWSER_ID = 'ptg-rooms-browser';

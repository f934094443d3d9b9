/** The commands on rooms, and the browser that they mean. */

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

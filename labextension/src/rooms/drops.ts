/**
 * A drop from one drive onto another copies.
 *
 * Lab's browser takes every drop of files for a move, which between two drives
 * is an error. The event is caught on its way down to the listing.
 */
import { showErrorMessage } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import type { FileBrowser } from '@jupyterlab/filebrowser';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { MimeData } from '@lumino/coreutils';
import { copyToFiles, copyToRoom } from './copying';
import type { RoomsDrive } from './drive';
import { localPathOf, parsePath } from './paths';

const CONTENTS_MIME = 'application/x-jupyter-icontents';

/** What `@lumino/dragdrop` dispatches. */
interface IDropEvent extends Event {
  mimeData: MimeData;
  dropAction: string;
}

export function copyOnDrop(
  browser: FileBrowser,
  drive: RoomsDrive,
  contents: Contents.IManager,
  trans: TranslationBundle
): void {
  browser.node.addEventListener(
    'lm-drop',
    event => {
      const drop = event as IDropEvent;
      const paths = drop.mimeData.getData(CONTENTS_MIME) as
        string[] | undefined;
      const target = targetFolder(browser, drop);
      if (!paths?.length || target === null) {
        return;
      }
      const toRooms = localPathOf(target) !== null;
      const foreign = paths.filter(
        path => (localPathOf(path) !== null) !== toRooms
      );
      if (!foreign.length) {
        return;
      }
      event.preventDefault();
      event.stopImmediatePropagation();
      drop.dropAction = 'copy';
      void copyAll(foreign, target, drive, contents, trans).catch(
        (error: Error) => showErrorMessage(trans.__('Cannot copy'), error)
      );
    },
    { capture: true }
  );
}

async function copyAll(
  paths: string[],
  target: string,
  drive: RoomsDrive,
  contents: Contents.IManager,
  trans: TranslationBundle
): Promise<void> {
  const local = localPathOf(target);
  for (const path of paths) {
    if (local === null) {
      await copyToFiles(drive, contents, path, target);
    } else if (!roomOf(local)) {
      throw new Error(trans.__('Drop it onto a room, or open one first.'));
    } else {
      await copyToRoom(drive, contents, path, roomOf(local));
    }
  }
}

function roomOf(localPath: string): string {
  const path = parsePath(localPath);
  return path.kind === 'room' || path.kind === 'document' ? path.room : '';
}

/** The folder under the pointer, else the browser's. */
function targetFolder(browser: FileBrowser, event: Event): string | null {
  const element = (event.target as Element).closest('.jp-DirListing-item');
  const { path } = browser.model;
  if (element?.getAttribute('data-isdir') !== 'true') {
    return path;
  }
  const name = element.querySelector('.jp-DirListing-itemText')?.textContent;
  return name ? PathExt.join(path, name.trim()) : path;
}

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
  proposedAction: string;
}

const OVER = 'ptg-mod-dropTarget';

export function enableCrossDriveDrop(
  browser: FileBrowser,
  drive: RoomsDrive,
  contents: Contents.IManager,
  trans: TranslationBundle
): void {
  const { node } = browser;
  const listen = (type: string, handler: (event: IDropEvent) => void) =>
    node.addEventListener(type, event => handler(event as IDropEvent), {
      capture: true
    });
  // Lab takes drops onto folders only; a copy may go anywhere in the list.
  const over = (event: IDropEvent) => {
    const isHere =
      !isOnFolder(event) && foreignPaths(browser, event).length > 0;
    node.classList.toggle(OVER, isHere);
    if (isHere) {
      event.preventDefault();
      event.stopPropagation();
      event.dropAction = event.proposedAction;
    }
  };
  listen('lm-dragenter', over);
  listen('lm-dragover', over);
  listen('lm-dragleave', () => node.classList.remove(OVER));
  listen('lm-drop', event => {
    node.classList.remove(OVER);
    if (isOnCrumbs(browser, event) && pathsOf(event).length) {
      // Lab would move it to the root of the files.
      stop(event);
      node
        .querySelector('.jp-BreadCrumbs .jp-mod-dropTarget')
        ?.classList.remove('jp-mod-dropTarget');
      void showErrorMessage(
        trans.__('Cannot move'),
        trans.__('A document stays in its room; use “Copy to Room…”.')
      );
      return;
    }
    const paths = foreignPaths(browser, event);
    if (paths.length) {
      stop(event);
      void copyAll(
        paths,
        targetFolder(browser, event),
        drive,
        contents,
        trans
      ).catch((error: Error) =>
        showErrorMessage(trans.__('Cannot copy'), error)
      );
    }
  });
}

/** Nothing is taken away from where the drag began. */
function stop(event: IDropEvent): void {
  event.preventDefault();
  event.stopImmediatePropagation();
  event.dropAction = 'none';
}

function pathsOf(event: IDropEvent): string[] {
  const paths = event.mimeData.getData(CONTENTS_MIME) as string[] | undefined;
  return paths ?? [];
}

/** What comes from another drive than the one under the pointer. */
function foreignPaths(browser: FileBrowser, event: IDropEvent): string[] {
  const toRooms = localPathOf(targetFolder(browser, event)) !== null;
  return pathsOf(event).filter(
    path => (localPathOf(path) !== null) !== toRooms
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

/** On the path above the list of rooms. */
function isOnCrumbs(browser: FileBrowser, event: Event): boolean {
  const crumbs = (event.target as Element).closest('.jp-BreadCrumbs');
  return crumbs !== null && localPathOf(browser.model.path) !== null;
}

function roomOf(localPath: string): string {
  const path = parsePath(localPath);
  return path.kind === 'room' || path.kind === 'document' ? path.room : '';
}

function isOnFolder(event: Event): boolean {
  return (
    (event.target as Element).closest(
      '.jp-DirListing-item[data-isdir="true"]'
    ) !== null
  );
}

/** The folder under the pointer, else the browser's. */
function targetFolder(browser: FileBrowser, event: Event): string {
  const { path } = browser.model;
  const item = (event.target as Element).closest('.jp-DirListing-item');
  const name = item?.querySelector('.jp-DirListing-itemText')?.textContent;
  return isOnFolder(event) && name ? PathExt.join(path, name.trim()) : path;
}

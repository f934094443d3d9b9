/**
 * Lab's commands that are given no folder act in the file browser that was
 * used last. The rooms count as used while a person is in them, and no longer:
 * a notebook made from the menu belongs among the files.
 */
import type { ILabShell } from '@jupyterlab/application';
import type {
  FileBrowser,
  IDefaultFileBrowser,
  IFileBrowserFactory
} from '@jupyterlab/filebrowser';

/** See to it that the files are Lab's browser whenever nobody is in `rooms`. */
export function leaveLabItsBrowser(
  rooms: FileBrowser,
  files: IDefaultFileBrowser,
  { tracker }: IFileBrowserFactory,
  labShell: ILabShell
): void {
  const giveBack = () => {
    if (
      tracker.currentWidget === rooms &&
      !rooms.node.contains(document.activeElement)
    ) {
      // The tracker goes by focus, and moving the real one would take it from
      // whoever types.
      files.node.dispatchEvent(new FocusEvent('focus'));
      files.node.dispatchEvent(new FocusEvent('blur'));
    }
  };
  tracker.currentChanged.connect(giveBack);
  labShell.activeChanged.connect(giveBack);
  rooms.disposed.connect(() => {
    tracker.currentChanged.disconnect(giveBack);
    labShell.activeChanged.disconnect(giveBack);
  });
  giveBack();
}

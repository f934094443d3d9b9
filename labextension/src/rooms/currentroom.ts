/** Which room a command means: the one selected, open or in view. */
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { FileBrowser, IFileBrowserFactory } from '@jupyterlab/filebrowser';
import type { Widget } from '@lumino/widgets';
import type { IDiagramTracker } from '../diagram/tokens';
import { localPathOf, parsePath } from '../drive/paths';
import { BROWSER_ID } from './commandids';

export class CurrentRoom {
  constructor(
    private readonly _documents: IDocumentManager,
    private readonly _browsers: IFileBrowserFactory,
    private readonly _diagrams: IDiagramTracker
  ) {}

  /** The room selected in the browser of rooms, or the one shown there. */
  inBrowser(): string | null {
    return this.selected() ?? this.inView();
  }

  /** The room selected in the browser of rooms, or that of what is selected. */
  selected(): string | null {
    const [item, ...others] = this._browser()?.selectedItems() ?? [];
    return item && !others.length ? roomOf(item.path) : null;
  }

  /** The room shown in the browser of rooms. */
  inView(): string | null {
    const browser = this._browser();
    return browser ? roomOf(browser.model.path) : null;
  }

  /** The room of the diagram in front. */
  inFront(): string | null {
    const widget = this._diagrams.currentWidget;
    return widget ? this.ofWidget(widget) : null;
  }

  ofWidget(widget: Widget): string | null {
    const context = this._documents.contextForWidget(widget);
    return context ? roomOf(context.path) : null;
  }

  private _browser(): FileBrowser | undefined {
    return this._browsers.tracker.find(({ id }) => id === BROWSER_ID);
  }
}

function roomOf(path: string): string | null {
  const local = localPathOf(path);
  const parsed = local === null ? null : parsePath(local);
  return parsed && (parsed.kind === 'room' || parsed.kind === 'document')
    ? parsed.room
    : null;
}

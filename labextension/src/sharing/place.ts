/** Which room a command means: the one selected, open or in view. */
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import type { Widget } from '@lumino/widgets';
import type { IDiagramTracker } from '../diagram/tokens';
import { localPathOf, parsePath } from '../rooms/paths';
import { BROWSER_ID } from '../rooms/tokens';

export class Places {
  constructor(
    private readonly _documents: IDocumentManager,
    private readonly _browsers: IFileBrowserFactory,
    private readonly _diagrams: IDiagramTracker
  ) {}

  /** The room selected in the browser of rooms, or the one shown there. */
  inBrowser(): string | null {
    let found: string | null = null;
    this._browsers.tracker.forEach(browser => {
      if (browser.id === BROWSER_ID) {
        const items = Array.from(browser.selectedItems());
        found =
          (items.length === 1 ? roomOf(items[0].path) : null) ??
          roomOf(browser.model.path);
      }
    });
    return found;
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
}

function roomOf(path: string): string | null {
  const local = localPathOf(path);
  const parsed = local === null ? null : parsePath(local);
  return parsed && (parsed.kind === 'room' || parsed.kind === 'document')
    ? parsed.room
    : null;
}

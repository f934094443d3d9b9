/**
 * Remembers how each diagram was arranged, in Lab's state database; the least
 * recently arranged are forgotten. A diagram that was never arranged takes
 * the settings' layout and the last ratio.
 */
import type { IStateDB } from '@jupyterlab/statedb';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import { Debouncer } from '@lumino/polling';
import type { IDiagramView } from './panel';

const KEY = '@plant-together/jupyterlab:views';
const LIMIT = 200;
const SAVE_DELAY = 500;

export class ViewMemory {
  constructor(private _state: IStateDB | null) {}

  /** How a diagram looks that was never arranged. */
  defaults: IDiagramView = {
    layout: 'both',
    orientation: 'horizontal',
    ratio: 0.42
  };

  async load(): Promise<void> {
    const saved = await this._state?.fetch(KEY);
    if (saved && typeof saved === 'object' && !Array.isArray(saved)) {
      for (const [path, view] of Object.entries(saved as ReadonlyJSONObject)) {
        if (isView(view) && !this._views.has(path)) {
          this._views.set(path, view);
        }
      }
      const last = [...this._views.values()].pop();
      if (last) {
        this.defaults = { ...this.defaults, ratio: last.ratio };
      }
    }
  }

  get(path: string): IDiagramView {
    return { ...(this._views.get(path) ?? this.defaults) };
  }

  set(path: string, view: IDiagramView): void {
    this._views.delete(path);
    this._views.set(path, view);
    this.defaults = { ...this.defaults, ratio: view.ratio };
    for (const oldest of this._views.keys()) {
      if (this._views.size <= LIMIT) {
        break;
      }
      this._views.delete(oldest);
    }
    void this._save.invoke();
  }

  /** A file, or a folder with all that is in it, has another path now. */
  move(from: string, to: string): void {
    const moved = [...this._views.keys()].filter(
      path => path === from || path.startsWith(`${from}/`)
    );
    for (const path of moved) {
      const view = this._views.get(path)!;
      this._views.delete(path);
      this.set(to + path.slice(from.length), view);
    }
  }

  private _save = new Debouncer(
    () =>
      this._state?.save(
        KEY,
        Object.fromEntries(this._views) as unknown as ReadonlyJSONObject
      ),
    SAVE_DELAY
  );
  private _views = new Map<string, IDiagramView>();
}

function isView(value: unknown): value is IDiagramView {
  const view = value as Partial<IDiagramView> | null;
  return (
    typeof view === 'object' &&
    view !== null &&
    ['both', 'editor', 'preview'].includes(view.layout ?? '') &&
    ['horizontal', 'vertical'].includes(view.orientation ?? '') &&
    typeof view.ratio === 'number' &&
    view.ratio > 0 &&
    view.ratio < 1
  );
}

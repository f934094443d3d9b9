// What JupyterLab's packages expect of a browser and jsdom lacks.
class Observer {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
  takeRecords(): [] {
    return [];
  }
}

const globals = globalThis as unknown as Record<string, unknown>;
globals.DragEvent ??= class extends Event {};
globals.ResizeObserver ??= Observer;
globals.IntersectionObserver ??= Observer;
globals.matchMedia ??= () => ({
  matches: false,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
  addListener: () => undefined,
  removeListener: () => undefined
});

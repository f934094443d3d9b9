/**
 * What the engine loads while it draws: themes, emoji and icons, each a lazy
 * chunk. It calls the loader with a file name that may come from the diagram
 * (`!include <name/file>`), so names are checked.
 */

const SIDE_FILES: Record<string, () => Promise<unknown>> = {
  'themes.js': () => import('@plantuml/core/themes.js'),
  'emoji.js': () => import('@plantuml/core/emoji.js'),
  'openiconic.js': () => import('@plantuml/core/openiconic.js')
};

const LIBRARY = /^([a-z0-9][a-z0-9_-]*(?:\.[0-9]+)*)\.min\.js$/;

/** The engine's `PLANTUML_STDLIB_LOADER`. */
export function loadSideFile(
  name: string,
  done: () => void,
  failed: (message: string) => void
): void {
  const load = Object.hasOwn(SIDE_FILES, name) ? SIDE_FILES[name] : undefined;
  if (load) {
    load().then(done, (reason: unknown) => failed(String(reason)));
    return;
  }
  const library = LIBRARY.exec(name);
  failed(library ? `no library ${library[1]}` : 'no such library');
}

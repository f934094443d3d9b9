/* The engine ships no types. */
declare module '@plantuml/core/viz-global.js' {
  /** Resolves with the Graphviz instance. */
  export function instance(): Promise<unknown>;
}

declare module '@plantuml/core/plantuml.js' {
  export function renderToString(
    lines: string[],
    done: (svg: string) => void,
    failed: (message: string) => void,
    options?: { dark?: boolean; maxSvgSize?: number }
  ): void;
}

declare module '@plantuml/core/themes.js';
declare module '@plantuml/core/emoji.js';
declare module '@plantuml/core/openiconic.js';

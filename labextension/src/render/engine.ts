/**
 * One drawing at a time, and none influenced by the one before.
 *
 * The engine keeps global state: overlapping calls drop the earlier callback,
 * and for longer sources it tries the last diagram type first, so that a
 * sequence diagram after a state diagram becomes a state diagram. A tiny
 * sequence diagram before each drawing puts it back.
 */
import * as Viz from '@plantuml/core/viz-global.js';
// Order matters: Graphviz, then the page-like globals, then the engine.
import './environment';
import { renderToString } from '@plantuml/core/plantuml.js';
import { isStackOverflow } from './diagnose';

interface IOutcome {
  svg?: string;
  error?: string;
}

const PRIME = ['@startuml', 'A->B', '@enduml'];

/**
 * Code that is not compiled yet takes several times the stack: a mind map of
 * forty topics overflows it at first and is drawn at the second attempt. What
 * overflows still when these are used up is too deep for good.
 */
let spareAttempts = 3;

const globals = globalThis as unknown as { Viz?: typeof Viz };
globals.Viz = Viz;

function draw(lines: string[], dark: boolean): Promise<IOutcome> {
  return new Promise(resolve => {
    renderToString(
      lines,
      svg => resolve({ svg: dark ? darkBars(svg) : svg }),
      error => resolve({ error }),
      { dark, maxSvgSize: 0 }
    );
  });
}

/**
 * The engine's dark colours leave the bars of activations white, brighter than
 * everything else; in light pictures they have the colour of the paper.
 */
const BAR =
  /(<g><title(?:\/>|>[^<]*<\/title>)<rect (?:(?!width="10" )[^>])*width="10" [^>]*fill=")#FFFFFF(" stroke="#E7E7E7")/g;

function darkBars(svg: string): string {
  return svg.replace(BAR, '$1#222222$2');
}

async function drawClean(source: string, dark: boolean): Promise<IOutcome> {
  const lines = source.split(/\r\n|\r|\n/);
  for (;;) {
    await draw(PRIME, dark);
    const outcome = await draw(lines, dark);
    if (!isStackOverflow(outcome.error) || spareAttempts === 0) {
      return outcome;
    }
    spareAttempts--;
  }
}

// Where the page's policy forbids wasm, Graphviz fails and class diagrams
// become a crash page: without it the engine has a plain layout of its own.
let last: Promise<unknown> = Viz.instance().catch(() => {
  globals.Viz = undefined;
});

/** Draw `source` after everything that was asked before. */
export function render(source: string, dark: boolean): Promise<IOutcome> {
  const next = last.then(() => drawClean(source, dark));
  last = next.catch(() => undefined);
  return next;
}

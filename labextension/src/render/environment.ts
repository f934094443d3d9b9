/**
 * Imported for its effect, inside the worker only, between Graphviz and the
 * engine: gives the worker the page-like globals that the engine reaches for.
 * (Graphviz looks at `document` too and must be evaluated before.)
 */
import { loadSideFile } from './stdlib';
import { TextMeasure } from './measure';
import { FakeDocument, FakeParser, FakeSerializer } from './svgdom';

const measure = new TextMeasure();

Object.assign(globalThis, {
  window: globalThis,
  document: new FakeDocument((text, font) => measure.measure(text, font)),
  XMLSerializer: FakeSerializer,
  DOMParser: FakeParser,
  PLANTUML_STDLIB_LOADER: loadSideFile
});

// The engine tells each of its steps.
Object.assign(console, { log: () => undefined, warn: () => undefined });

/**
 * What the diagram widget offers to the rest of the extension.
 *
 * `IDiagramTracker` knows the open diagrams; `IDiagramExtras` lets another
 * plugin add to a diagram as it is opened (rooms: remote cursors, avatars, a
 * read-only reason).
 */
import type { Extension } from '@codemirror/state';
import type { IWidgetTracker } from '@jupyterlab/apputils';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { IFallbackRenderer } from './renderer';
import type { DiagramWidget } from './widget';

/** The name of the widget factory ("Open With"). */
export const FACTORY = 'Diagram';

/** The open diagrams. */
export type IDiagramTracker = IWidgetTracker<DiagramWidget>;

export const IDiagramTracker = new Token<IDiagramTracker>(
  '@plant-together/jupyterlab:IDiagramTracker',
  'A tracker of the open PlantUML diagrams.'
);

/** What a plugin adds to one diagram. */
export interface IDiagramExtra {
  /**
   * CodeMirror extensions of its editor, read once, when the editor is made.
   */
  editorExtensions?: Extension[];

  /** Who draws what the page's engine cannot. */
  fallbackRenderer?: IFallbackRenderer;

  /**
   * Called when the widget is complete: add toolbar items by
   * `widget.toolbar`, lock the editor by `widget.content.setReadOnly(reason)`.
   * What it returns is disposed with the widget.
   */
  attach?(widget: DiagramWidget): IDisposable | void;
}

/**
 * Asked for each diagram as it is opened; `null` when the document is not
 * one of the provider's.
 */
export type DiagramExtraProvider = (
  context: DocumentRegistry.CodeContext
) => IDiagramExtra | null;

/** The registry of those who add to diagrams. */
export interface IDiagramExtras {
  register(provider: DiagramExtraProvider): IDisposable;
  /** What all providers add to a document that is being opened. */
  collect(context: DocumentRegistry.CodeContext): IDiagramExtra[];
}

export const IDiagramExtras = new Token<IDiagramExtras>(
  '@plant-together/jupyterlab:IDiagramExtras',
  'A registry of editor extensions and toolbar items for PlantUML diagrams.'
);

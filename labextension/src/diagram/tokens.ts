/**
 * What the diagram widget offers to the rest of the extension.
 *
 * `IDiagramTracker` knows the open diagrams; `IDiagramExtras` lets another
 * plugin add to a diagram as it is opened (rooms: remote cursors, avatars, a
 * read-only reason); `IDiagramRenderer` draws without a widget.
 */
import type { Extension } from '@codemirror/state';
import type { IWidgetTracker } from '@jupyterlab/apputils';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import type { IRenderOptions, RenderResult } from '../render/protocol';
import { names } from '../shared/names';
import type { DiagramWidget } from './widget';

/** The name of the file type and of the editor language. */
export const FILE_TYPE = 'plantuml';

/** The name of the widget factory ("Open With"). */
export const FACTORY = 'Diagram';

/** The MIME type of PlantUML text. */
export const MIME_TYPE = 'text/x-plantuml';

/** The file name extensions, with their dot. */
export const EXTENSIONS: string[] = [...names.textExtensions];

/** The open diagrams. */
export type IDiagramTracker = IWidgetTracker<DiagramWidget>;

export const IDiagramTracker = new Token<IDiagramTracker>(
  '@plant-together/jupyterlab:IDiagramTracker',
  'A tracker of the open PlantUML diagrams.'
);

/** Draws what the page's own engine cannot. */
export interface IElsewhere extends IDisposable {
  /** Whether the page's engine need not try. */
  wants(source: string): boolean;
  /** As `IDiagramRenderer` does. */
  render(source: string, options: IRenderOptions): Promise<RenderResult>;
  /** What the last picture was made of is another now. */
  readonly changed: ISignal<unknown, void>;
}

/** What a plugin adds to one diagram. */
export interface IDiagramExtra {
  /**
   * CodeMirror extensions of its editor, read once, when the editor is made.
   */
  editorExtensions?: Extension[];

  /** Who draws what the page's engine cannot. */
  elsewhere?: IElsewhere;

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

/** Draws PlantUML text, one picture at a time. */
export interface IDiagramRenderer {
  /**
   * Draw `source`; a later call with the same `key` makes an earlier one that
   * has not begun answer `superseded`.
   */
  render(source: string, options?: IRenderOptions): Promise<RenderResult>;
  /** Load the engine ahead of the first drawing. */
  warmUp(): void;
}

export const IDiagramRenderer = new Token<IDiagramRenderer>(
  '@plant-together/jupyterlab:IDiagramRenderer',
  'The PlantUML engine in its worker.'
);

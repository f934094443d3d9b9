/**
 * Find and replace in a diagram's text, by Lab's own search panel.
 */
import type { CodeEditor } from '@jupyterlab/codeeditor';
import { EditorSearchProvider } from '@jupyterlab/codemirror';
import type {
  IFilters,
  IReplaceOptionsSupport,
  ISearchProvider
} from '@jupyterlab/documentsearch';
import type { ISharedText, SourceChange } from '@jupyter/ydoc';
import type { DiagramWidget } from './widget';

export class DiagramSearch
  extends EditorSearchProvider<CodeEditor.IModel>
  implements ISearchProvider
{
  constructor(private readonly _widget: DiagramWidget) {
    super();
  }

  get isReadOnly(): boolean {
    return this.editor.getOption('readOnly') as boolean;
  }

  get replaceOptionsSupport(): IReplaceOptionsSupport {
    return { preserveCase: true };
  }

  override async startQuery(
    query: RegExp | null,
    filters?: IFilters
  ): Promise<void> {
    const { content } = this._widget;
    if (content.view.layout === 'preview') {
      // What is found is found in the text.
      content.setView({ layout: 'both' });
    }
    this._searches = true;
    await super.startQuery(query, filters);
    await this.highlightNext(true, {
      from: 'selection-start',
      scroll: false,
      select: false
    });
  }

  override async endQuery(): Promise<void> {
    this._searches = false;
    await super.endQuery();
  }

  /** The selected text. */
  getInitialQuery(): string {
    const { state } = this._widget.content.editorPane.editor.editor;
    const { from, to } = state.selection.main;
    return state.sliceDoc(from, to);
  }

  protected get editor(): CodeEditor.IEditor {
    return this._widget.content.editorPane.editor;
  }

  protected get model(): CodeEditor.IModel {
    return this.editor.model;
  }

  protected override async onSharedModelChanged(
    emitter: ISharedText,
    changes: SourceChange
  ): Promise<void> {
    if (this._searches) {
      await super.onSharedModelChanged(emitter, changes);
    }
  }

  private _searches = false;
}

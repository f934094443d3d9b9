/**
 * The text side of a diagram: Lab's own editor with the notice of why it
 * cannot be written, and the marks of what the engine complained about.
 *
 * The editor comes from IEditorServices, which binds it to the shared text;
 * nothing here writes into that text.
 */
import { EditorState } from '@codemirror/state';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { CodeEditorWrapper } from '@jupyterlab/codeeditor';
import type { CodeEditor, IEditorServices } from '@jupyterlab/codeeditor';
import type { CodeMirrorEditor } from '@jupyterlab/codemirror';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { PanelLayout, Widget } from '@lumino/widgets';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import type { Message } from '@lumino/messaging';
import type { IDiagnostic } from '../render/protocol';
import {
  diagnosticsExtension,
  flashLine,
  showDiagnostics
} from './diagnostics';

export class EditorPane extends Widget {
  constructor(options: {
    services: IEditorServices;
    model: DocumentRegistry.ICodeModel;
    extensions: Extension[];
    label: string;
  }) {
    super();
    this.addClass('jp-Diagram-editor');
    this._notice = new Widget();
    this._notice.addClass('jp-Diagram-notice');
    this._notice.node.setAttribute('role', 'status');
    this._notice.hide();
    const { factoryService } = options.services;
    const extensions = [
      // Positions in the shared text count "\r\n" as two.
      EditorState.lineSeparator.of('\n'),
      diagnosticsExtension(),
      EditorView.contentAttributes.of({ 'aria-label': options.label }),
      EditorView.updateListener.of(update => {
        if (update.selectionSet) {
          this._caretMoved.emit(
            update.state.doc.lineAt(update.state.selection.main.head).number
          );
        }
      }),
      ...options.extensions
    ];
    this._wrapper = new CodeEditorWrapper({
      model: options.model,
      factory: (given: CodeEditor.IOptions) =>
        factoryService.newDocumentEditor({
          ...given,
          extensions: [...(given.extensions ?? []), ...extensions]
        })
    });
    // Lab's own undo keys look for this mark; without it the browser's would
    // change the text behind the editor's back.
    this._wrapper.node.dataset.jpUndoer = 'true';
    const layout = new PanelLayout();
    layout.addWidget(this._notice);
    layout.addWidget(this._wrapper);
    this.layout = layout;
  }

  get editor(): CodeMirrorEditor {
    // Lab's only editor; the interface has no view.
    return this._wrapper.editor as CodeMirrorEditor;
  }

  /** The caret went to a line (1-based). */
  get caretMoved(): ISignal<this, number> {
    return this._caretMoved;
  }

  /** The reason why the text cannot be changed; `null` when it can. */
  setReadOnly(reason: string | null): void {
    this._notice.node.textContent = reason ?? '';
    this._notice.setHidden(reason === null);
    this.editor.setOption('readOnly', reason !== null);
  }

  showDiagnostics(diagnostics: IDiagnostic[]): void {
    showDiagnostics(this.editor.editor, diagnostics);
  }

  /** Go to a line (1-based) and show where it is. */
  revealLine(line: number): void {
    const view = this.editor.editor;
    const { doc } = view.state;
    const { from } = doc.line(Math.max(1, Math.min(line, doc.lines)));
    view.dispatch({
      selection: { anchor: from },
      effects: [
        EditorView.scrollIntoView(from, { y: 'center' }),
        flashLine.of(from)
      ]
    });
    view.focus();
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    Signal.clearData(this);
    super.dispose();
  }

  protected override onActivateRequest(_msg: Message): void {
    this.editor.focus();
  }

  private _caretMoved = new Signal<this, number>(this);
  private _notice: Widget;
  private _wrapper: CodeEditorWrapper;
}

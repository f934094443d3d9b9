/**
 * Editor and preview side by side: which of them is shown, how they are
 * arranged and how they share the room.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import { SplitPanel } from '@lumino/widgets';
import type { EditorPane } from './editorpane';
import type { LivePicture } from './live';
import type { Preview } from './preview';

export type DiagramLayout = 'both' | 'editor' | 'preview';
export type DiagramOrientation = 'horizontal' | 'vertical';

/** How a diagram is arranged; remembered per document. */
export interface IDiagramView {
  layout: DiagramLayout;
  orientation: DiagramOrientation;
  /** The editor's part of the room, between 0 and 1. */
  ratio: number;
}

export class DiagramPanel extends SplitPanel {
  constructor(options: {
    editor: EditorPane;
    preview: Preview;
    live: LivePicture;
    view: IDiagramView;
    trans: TranslationBundle;
  }) {
    super({ orientation: options.view.orientation, spacing: 1 });
    this.addClass('jp-Diagram-panel');
    this.editorPane = options.editor;
    this.preview = options.preview;
    this.live = options.live;
    this._trans = options.trans;
    this._view = { ...options.view };
    this.addWidget(this.editorPane);
    this.addWidget(this.preview);
    SplitPanel.setStretch(this.editorPane, 1);
    SplitPanel.setStretch(this.preview, 1);
    this._arrange();
    this.handleMoved.connect(this._onHandleMoved, this);
    this.preview.problemBar.lineRequested.connect(this._onLineRequested, this);
  }

  readonly editorPane: EditorPane;
  readonly preview: Preview;
  readonly live: LivePicture;

  /** The arrangement was changed by hand. */
  get viewChanged(): ISignal<this, IDiagramView> {
    return this._viewChanged;
  }

  get view(): Readonly<IDiagramView> {
    return this._view;
  }

  setView(change: Partial<IDiagramView>): void {
    this._view = { ...this._view, ...change };
    this._arrange();
    this._viewChanged.emit(this._view);
  }

  /**
   * Why the text cannot be changed, in a sentence for the person; `null`
   * gives back what the file itself allows.
   */
  setReadOnly(reason: string | null): void {
    this._reason = reason;
    this._lock();
  }

  /** Why this view cannot be written in, whatever the file allows. */
  setViewOnly(reason: string | null): void {
    this._viewOnly = reason;
    this._lock();
  }

  /** Whether the file itself may be written. */
  setWritable(writable: boolean): void {
    this._writable = writable;
    this._lock();
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this.live.dispose();
    Signal.clearData(this);
    super.dispose();
  }

  protected override onActivateRequest(msg: Message): void {
    super.onActivateRequest(msg);
    if (this.editorPane.isHidden) {
      this.preview.viewport.node.focus();
    } else {
      this.editorPane.activate();
    }
  }

  protected override onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    this.live.setActive(true);
  }

  protected override onAfterHide(msg: Message): void {
    super.onAfterHide(msg);
    this.live.setActive(false);
  }

  private _arrange(): void {
    const { layout, orientation, ratio } = this._view;
    this.orientation = orientation;
    this.editorPane.setHidden(layout === 'preview');
    this.preview.setHidden(layout === 'editor');
    if (layout === 'both') {
      this.setRelativeSizes([ratio, 1 - ratio]);
    }
    this.node.dataset.layout = layout;
  }

  private _lock(): void {
    this.editorPane.setReadOnly(
      this._reason ??
        this._viewOnly ??
        (this._writable ? null : this._trans.__('This file is read-only.'))
    );
  }

  private _onHandleMoved(): void {
    const [ratio] = this.relativeSizes();
    if (this._view.layout === 'both' && ratio !== undefined) {
      this._view = { ...this._view, ratio };
      this._viewChanged.emit(this._view);
    }
  }

  /** Where only the picture is shown, the way to a line brings the text. */
  private _onLineRequested(_: unknown, line: number): void {
    if (this._view.layout === 'preview') {
      this.setView({ layout: 'both' });
      this.editorPane.revealLine(line);
    }
  }

  private _reason: string | null = null;
  private _trans: TranslationBundle;
  private _view: IDiagramView;
  private _viewChanged = new Signal<this, IDiagramView>(this);
  private _viewOnly: string | null = null;
  private _writable = true;
}

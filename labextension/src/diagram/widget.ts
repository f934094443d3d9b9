/** The document widget of a diagram: a panel under Lab's toolbar. */
import { DocumentWidget } from '@jupyterlab/docregistry';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { PathExt } from '@jupyterlab/coreutils';
import type { DiagramPanel } from './panel';

export class DiagramWidget extends DocumentWidget<
  DiagramPanel,
  DocumentRegistry.ICodeModel
> {
  constructor(
    options: DocumentWidget.IOptions<DiagramPanel, DocumentRegistry.ICodeModel>
  ) {
    super(options);
    this.addClass('jp-Diagram');
    this._checkWritable();
    this.context.fileChanged.connect(this._checkWritable, this);
    void this.context.ready.then(() => this._checkWritable());
  }

  /** The file's name without its extension: for exported files. */
  get baseName(): string {
    const name = PathExt.basename(this.context.localPath);
    return name.slice(0, name.length - PathExt.extname(name).length) || name;
  }

  private _checkWritable(): void {
    if (!this.isDisposed) {
      this.content.setWritable(this.context.contentsModel?.writable !== false);
    }
  }
}

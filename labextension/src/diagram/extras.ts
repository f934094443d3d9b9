/** The registry behind `IDiagramExtras`. */
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { DisposableDelegate } from '@lumino/disposable';
import type { IDisposable } from '@lumino/disposable';
import type {
  DiagramExtraProvider,
  IDiagramExtra,
  IDiagramExtras
} from './tokens';

export class DiagramExtras implements IDiagramExtras {
  register(provider: DiagramExtraProvider): IDisposable {
    this._providers.add(provider);
    return new DisposableDelegate(() => {
      this._providers.delete(provider);
    });
  }

  collect(context: DocumentRegistry.CodeContext): IDiagramExtra[] {
    return [...this._providers].flatMap(provider => provider(context) ?? []);
  }

  private _providers = new Set<DiagramExtraProvider>();
}

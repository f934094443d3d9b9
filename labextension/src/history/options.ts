/** What the view of a document's past is made from. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDiagramRenderer } from '../diagram/renderer';
import type { DocumentSession } from '../sync/session';
import type { HistoryApi } from './api';

export interface IHistoryOptions {
  api: HistoryApi;
  renderer: IDiagramRenderer;
  trans: TranslationBundle;
  key: string;
  /** The open document, which is there for as long as its tab is. */
  session: DocumentSession;
  isDark: () => boolean;
}

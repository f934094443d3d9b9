/**
 * The words that the host (main thread) and the worker exchange, and the
 * shape of a drawing's result.
 */

/** What is wrong with a source, in the lines of the text that was given. */
export interface IDiagnostic {
  severity: 'error' | 'warning';
  /** 1-based; `null` when the engine does not say. */
  line: number | null;
  message: string;
}

export interface IRenderOptions {
  /** Draw for a dark background. */
  dark?: boolean;
  /** Which of the diagrams and pages of the source; 0 is the first. */
  page?: number;
  /**
   * Requests with the same key supersede each other (one key per preview).
   */
  key?: string;
}

/** How a drawing ended. */
export type RenderResult =
  IRendered | IFailed | { kind: 'superseded' } | { kind: 'empty' };

export interface IRendered {
  kind: 'picture';
  /** The engine's SVG text, not yet cleaned. */
  svg: string;
  /** 0-based line of the source at which the drawn block begins. */
  firstLine: number;
  /** The lines of the drawn block, index 0 = its `@start` line. */
  lines: string[];
  page: number;
  pages: number;
  warnings: IDiagnostic[];
  /** Time in the worker, in milliseconds. */
  duration: number;
}

export interface IFailed {
  kind: 'syntax' | 'unsupported' | 'timeout' | 'failed';
  diagnostic: IDiagnostic;
  page: number;
  pages: number;
}

/** Host to worker. */
export interface IWorkerRequest {
  id: number;
  source: string;
  dark: boolean;
}

/** Worker to host; the first one says that the engine is loaded. */
export type WorkerReply = { ready: true } | IWorkerAnswer;

export interface IWorkerAnswer {
  id: number;
  svg?: string;
  error?: string;
  duration: number;
}

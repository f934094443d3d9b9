/**
 * The main thread's side of the engine: one worker, one drawing at a time,
 * the latest request of each preview wins.
 *
 * A drawing that runs too long cannot be interrupted from inside: the worker
 * is terminated and the next request gets a new one. A drawing whose text has
 * been changed meanwhile is given less time (`Patience`).
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { splitPages } from './blocks';
import { explain } from './explain';
import { Patience } from './patience';
import type {
  IRenderOptions,
  IWorkerAnswer,
  IWorkerRequest,
  RenderResult,
  WorkerReply
} from './protocol';
import type { IPage } from './blocks';

/** The part of a Worker that is used. */
export interface IWorkerPort {
  onmessage: ((event: MessageEvent<WorkerReply>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage(message: IWorkerRequest): void;
  terminate(): void;
}

export interface IRendererOptions {
  trans: TranslationBundle;
  createWorker: () => IWorkerPort;
  /** Milliseconds; the first drawing of a worker compiles the engine. */
  firstTimeout?: number;
  timeout?: number;
  /** Longest text, in characters, that is drawn. */
  maxSourceLength?: number;
}

interface IJob {
  id: number;
  key: string;
  page: IPage;
  index: number;
  pages: number;
  dark: boolean;
  resolve: (result: RenderResult) => void;
}

export class Renderer implements IDisposable {
  constructor(options: IRendererOptions) {
    this._trans = options.trans;
    this._createWorker = options.createWorker;
    this._firstTimeout = options.firstTimeout ?? 20_000;
    this._timeout = options.timeout ?? 10_000;
    this._maxSourceLength = options.maxSourceLength ?? 1_000_000;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._stopWorker();
    const waiting = [...this._waiting.values()];
    if (this._running) {
      waiting.push(this._running);
    }
    this._waiting.clear();
    this._running = null;
    waiting.forEach(job => job.resolve({ kind: 'superseded' }));
  }

  /** Load the engine ahead of the first drawing. */
  warmUp(): void {
    if (!this._worker && !this._isDisposed) {
      this._startWorker();
    }
  }

  /** Whether a drawing would have to wait for the engine to load. */
  get isLoading(): boolean {
    return !this._ready;
  }

  render(source: string, options: IRenderOptions = {}): Promise<RenderResult> {
    if (this._isDisposed) {
      return Promise.resolve({ kind: 'superseded' });
    }
    const key = options.key ?? `once-${this._nextId}`;
    this._supersede(key);
    if (source.length > this._maxSourceLength) {
      return Promise.resolve({
        kind: 'failed',
        diagnostic: {
          severity: 'error',
          line: null,
          message: this._trans.__(
            'The text is longer than %1 characters and is not drawn.',
            this._maxSourceLength
          )
        },
        page: 0,
        pages: 1
      });
    }
    const pages = splitPages(source);
    const index = Math.min(Math.max(0, options.page ?? 0), pages.length - 1);
    const page = pages.at(index);
    if (!page) {
      return Promise.resolve({ kind: 'empty' });
    }
    return new Promise(resolve => {
      this._waiting.set(key, {
        id: this._nextId++,
        key,
        page: pages.at(index)!,
        index,
        pages: pages.length,
        dark: options.dark ?? false,
        resolve
      });
      this._next();
      this._hurry();
    });
  }

  private _supersede(key: string): void {
    const earlier = this._waiting.get(key);
    if (earlier) {
      this._waiting.delete(key);
      earlier.resolve({ kind: 'superseded' });
    }
  }

  private _next(): void {
    if (this._running) {
      return;
    }
    const [first] = this._waiting;
    if (!first) {
      return;
    }
    const [key, job] = first;
    this._waiting.delete(key);
    this._running = job;
    this.warmUp();
    if (this._ready) {
      this._send(job);
    }
  }

  /** End the running drawing in time, if its preview has a newer text. */
  private _hurry(): void {
    const job = this._running;
    if (!job || !this._ready || !this._waiting.has(job.key)) {
      return;
    }
    const patience = this._patience.of(job.key, !this._drawn);
    clearTimeout(this._hurryTimer);
    this._hurryTimer = setTimeout(
      () => {
        this._patience.cut(job.key);
        this._stopWorker();
        this._finish({ kind: 'superseded' });
      },
      Math.max(0, this._sentAt + patience - Date.now())
    );
  }

  private _send(job: IJob): void {
    this._sentAt = Date.now();
    const limit = this._drawn ? this._timeout : this._firstTimeout;
    this._timer = setTimeout(() => this._giveUp(limit), limit);
    this._worker?.postMessage({
      id: job.id,
      source: job.page.lines.join('\n'),
      dark: job.dark
    });
    this._hurry();
  }

  private _onMessage(reply: WorkerReply): void {
    if ('ready' in reply) {
      this._ready = true;
      clearTimeout(this._timer);
      if (this._running) {
        this._send(this._running);
      }
    } else if (reply.id === this._running?.id) {
      this._drawn = true;
      this._patience.drawn(this._running.key, reply.duration);
      this._finish(this._explain(this._running, reply));
    }
  }

  private _explain(job: IJob, answer: IWorkerAnswer): RenderResult {
    return explain(answer, job.page, job.index, job.pages, this._trans);
  }

  private _giveUp(limit: number): void {
    this._stopWorker();
    this._fail(
      'timeout',
      this._trans.__(
        'Drawing took longer than %1 seconds and was stopped.',
        limit / 1000
      )
    );
    // The next drawing should not pay for the start as well.
    this.warmUp();
  }

  private _fail(kind: 'timeout' | 'failed', message: string): void {
    const job = this._running;
    if (job) {
      this._finish({
        kind,
        diagnostic: { severity: 'error', line: null, message },
        page: job.index,
        pages: job.pages
      });
    }
  }

  private _finish(result: RenderResult): void {
    clearTimeout(this._timer);
    clearTimeout(this._hurryTimer);
    const job = this._running;
    this._running = null;
    job?.resolve(result);
    this._next();
  }

  private _startWorker(): void {
    const worker = this._createWorker();
    worker.onmessage = event => this._onMessage(event.data);
    worker.onerror = event => {
      event.preventDefault?.();
      this._stopWorker();
      this._fail(
        'failed',
        this._trans.__('The drawing engine stopped: %1', event.message)
      );
    };
    this._worker = worker;
    // Covers the loading of the engine; each drawing sets its own.
    this._timer = setTimeout(() => {
      this._stopWorker();
      this._fail(
        'failed',
        this._trans.__('The drawing engine could not be loaded.')
      );
    }, this._firstTimeout);
  }

  private _stopWorker(): void {
    clearTimeout(this._timer);
    clearTimeout(this._hurryTimer);
    if (this._worker) {
      this._worker.onmessage = null;
      this._worker.onerror = null;
      this._worker.terminate();
    }
    this._worker = null;
    this._ready = false;
    this._drawn = false;
  }

  private _createWorker: () => IWorkerPort;
  private _drawn = false;
  private _firstTimeout: number;
  private _hurryTimer: ReturnType<typeof setTimeout> | undefined;
  private _isDisposed = false;
  private _maxSourceLength: number;
  private _nextId = 1;
  private readonly _patience = new Patience();
  private _ready = false;
  private _running: IJob | null = null;
  private _sentAt = 0;
  private _timeout: number;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _trans: TranslationBundle;
  private _waiting = new Map<string, IJob>();
  private _worker: IWorkerPort | null = null;
}

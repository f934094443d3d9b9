/**
 * Draws by the server what the page's own engine cannot: texts that include
 * other documents of their room, and types that the engine lacks.
 *
 * One request at a time for each picture, the latest text wins. What a picture
 * was made of is watched by the tag of the document's own image, which is a
 * hash of all that is in it: when it changes, somebody changed an included
 * document, and the picture is drawn anew.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { Poll } from '@lumino/polling';
import { Signal } from '@lumino/signaling';
import type { IFallbackRenderer } from '../diagram/renderer';
import { splitPages } from '../render/blocks';
import type { IFailed, IRenderOptions, RenderResult } from '../render/protocol';
import { byId } from '../server/api';
import type { IDocument } from '../server/api';
import { isUnreachable, RoomsError } from '../server/errors';
import type { Rest } from '../server/rest';

/** `!include` and its kin, of something that is no library. */
const INCLUDE = /^\s*!\s*include(?:_once|_many|sub)?\s+(?!<)\S/im;
/** Milliseconds between two requests. */
const PAUSE = 300;
const LOOK_EVERY = 2_000;
const LOOK_RARELY = 30_000;

const KINDS: Record<string, IFailed['kind']> = {
  syntax: 'syntax',
  'unsupported-diagram': 'unsupported',
  'render-timeout': 'timeout'
};

interface IJob {
  source: string;
  options: IRenderOptions;
  resolve: (result: RenderResult) => void;
}

export interface IServerDrawingOptions {
  rest: Rest;
  /** The document; `null` while it is not known. */
  document: () => IDocument | null;
  /** Nobody watches over a picture that nobody sees. */
  isShown: () => boolean;
  trans: TranslationBundle;
}

export class ServerDrawing implements IFallbackRenderer {
  constructor(private readonly _options: IServerDrawingOptions) {
    this._watch = new Poll({
      auto: false,
      factory: () => this._look(),
      frequency: { interval: LOOK_EVERY, backoff: true, max: LOOK_RARELY },
      standby: () => !_options.isShown() || 'when-hidden'
    });
  }

  readonly changed = new Signal<this, void>(this);

  wants(source: string): boolean {
    return INCLUDE.test(source);
  }

  get isDisposed(): boolean {
    return this._watch.isDisposed;
  }

  dispose(): void {
    this._waiting?.resolve({ kind: 'superseded' });
    this._waiting = null;
    this._watch.dispose();
    Signal.clearData(this);
  }

  render(source: string, options: IRenderOptions): Promise<RenderResult> {
    if (options.key === undefined) {
      return this._draw(source, options);
    }
    return new Promise(resolve => {
      this._waiting?.resolve({ kind: 'superseded' });
      this._waiting = { source, options, resolve };
      void this._next();
    });
  }

  private async _next(): Promise<void> {
    if (this._isDrawing) {
      return;
    }
    this._isDrawing = true;
    while (this._waiting) {
      const job = this._waiting;
      this._waiting = null;
      const watched = { source: job.source, options: job.options, tag: null };
      job.resolve(await this._draw(job.source, job.options, watched));
      this._watched = this.wants(job.source) ? watched : null;
      if (this._watched && !this.isDisposed) {
        void this._watch.refresh();
      }
      await new Promise(resolve => setTimeout(resolve, PAUSE));
    }
    this._isDrawing = false;
  }

  private async _draw(
    source: string,
    { dark = false, page = 0 }: IRenderOptions,
    watched?: IWatched
  ): Promise<RenderResult> {
    const pages = splitPages(source);
    if (!pages.length) {
      return { kind: 'empty' };
    }
    const index = Math.min(Math.max(0, page), pages.length - 1);
    const { firstLine, lines } = pages.at(index)!;
    const begin = performance.now();
    try {
      const document = this._options.document();
      const room = document && byId({ id: document.room_id });
      const response = await this._options.rest.request('POST', 'render', {
        body: JSON.stringify({
          source,
          dark,
          page: index,
          ...(room && { room })
        }),
        type: 'application/json'
      });
      const svg = await response.text();
      if (watched) {
        watched.tag = tagOf(response);
      }
      return {
        kind: 'picture',
        svg,
        firstLine,
        lines,
        page: index,
        pages: pages.length,
        warnings: [],
        duration: performance.now() - begin
      };
    } catch (error) {
      return {
        ...(await this._failure(error)),
        page: index,
        pages: pages.length
      };
    }
  }

  private async _failure(
    error: unknown
  ): Promise<Pick<IFailed, 'kind' | 'diagnostic'>> {
    const severity = 'error';
    if (error instanceof RoomsError && !isUnreachable(error)) {
      const body = (await error.response.json().catch(() => null)) as {
        line?: unknown;
      } | null;
      const line = typeof body?.line === 'number' ? body.line : null;
      // The server's sentence names the line, as the page's own does not.
      const message = error.message.replace(/^line \d+: /, '');
      const kind = KINDS[error.code] ?? 'failed';
      return { kind, diagnostic: { severity, line, message } };
    }
    const message = this._options.trans.__(
      'The server draws this picture and does not answer: %1',
      error instanceof Error ? error.message : String(error)
    );
    return { kind: 'failed', diagnostic: { severity, line: null, message } };
  }

  /** Whether the picture on show is still made of what there is. */
  private async _look(): Promise<void> {
    const watched = this._watched;
    const document = this._options.document();
    if (!watched || !document) {
      return;
    }
    const { dark = false, page = 0 } = watched.options;
    const room = byId({ id: document.room_id });
    const path = `rooms/${room}/documents/${byId(document)}/image.svg`;
    let tag: string | null = null;
    try {
      const response = await this._options.rest.request('GET', path, {
        query: { dark: String(dark), page }
      });
      await response.text(); // so that the browser keeps it, and asks by the tag
      tag = tagOf(response);
    } catch (error) {
      const isUndrawable =
        error instanceof RoomsError && error.response.status === 422;
      if (watched.tag === null || !isUndrawable) {
        throw error; // the poll asks less and less often
      }
    }
    if (watched === this._watched && tag !== watched.tag) {
      watched.tag = tag;
      this.changed.emit();
    }
  }

  private _isDrawing = false;
  private _waiting: IJob | null = null;
  private _watched: IWatched | null = null;
  private readonly _watch: Poll;
}

/** The tag without the mark that a proxy adds to what it compresses. */
function tagOf(response: Response): string | null {
  return response.headers.get('ETag')?.replace(/^W\//, '') ?? null;
}

interface IWatched {
  source: string;
  options: IRenderOptions;
  /** `null` while the text cannot be drawn. */
  tag: string | null;
}

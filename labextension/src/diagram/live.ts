/**
 * Keeps a picture in step with a text.
 *
 * The worker draws while the person types, so there is no fixed delay: the
 * first change is drawn at once and of those that come meanwhile only the
 * latest. What costs the main thread is putting a picture on the page; the
 * pause between two pictures is a multiple of that cost, so that showing large
 * ones never takes more than a small part of the time that typing needs.
 * Drawing takes its own time of that pause: it begins so much earlier. Whoever
 * pauses longer waits for nothing.
 */
import type { ISharedText, SourceChange } from '@jupyter/ydoc';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { Signal } from '@lumino/signaling';
import { UUID } from '@lumino/coreutils';
import { pageAt } from '../render/blocks';
import { cleanSvg, marginFor } from '../render/clean';
import { locate } from '../render/locate';
import type {
  IDiagnostic,
  IRendered,
  IRenderOptions,
  RenderResult
} from '../render/protocol';
import type { EditorPane } from './editorpane';
import type { Preview } from './preview';
import type { IDiagramRenderer, IFallbackRenderer } from './renderer';

/** Pause per millisecond of showing the last picture. */
const PAUSE_FACTOR = 4;
const LONGEST_PAUSE = 800;
/** A complaint about half-typed text waits for this long. */
const GRACE = 600;
/** Drawing is shown as "busy" only when it takes longer. */
const BUSY_AFTER = 250;

export class LivePicture {
  constructor(options: {
    context: DocumentRegistry.CodeContext;
    editor: EditorPane;
    preview: Preview;
    renderer: IDiagramRenderer;
    fallbackRenderer: IFallbackRenderer | null;
  }) {
    this._model = options.context.model;
    this._editor = options.editor;
    this._preview = options.preview;
    this._renderer = options.renderer;
    this._fallbackRenderer = options.fallbackRenderer;
    this._fallbackRenderer?.changed.connect(this.refresh, this);
    this._preview.gestures.clicked.connect(this._onClicked, this);
    this._preview.problemBar.lineRequested.connect(this._onLine, this);
    this._preview.controls.pageRequested.connect(this._onPage, this);
    this._editor.caretMoved.connect(this._onCaret, this);
    void options.context.ready.then(() => {
      if (!this._isDisposed) {
        this._model.sharedModel.changed.connect(this._onChanged, this);
        this._ready = true;
        this.refresh();
      }
    });
  }

  /** Extra pause before drawing, in milliseconds. */
  delay = 0;

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** The picture on show. */
  get current(): IRendered | null {
    return this._current;
  }

  /** The text as it is now. */
  get source(): string {
    return this._model.sharedModel.getSource();
  }

  get page(): number {
    return this._page;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    clearTimeout(this._timer);
    clearTimeout(this._graceTimer);
    clearTimeout(this._busyTimer);
    this._model.sharedModel.changed.disconnect(this._onChanged, this);
    Signal.clearData(this);
  }

  /** Draw for a dark or a light page from now on. */
  setDark(dark: boolean): void {
    if (dark !== this._dark) {
      this._dark = dark;
      this.refresh();
    }
    this._preview.setDark(dark);
  }

  /** A hidden diagram is not drawn until it is seen again. */
  setActive(active: boolean): void {
    this._active = active;
    if (active && this._stale) {
      this.refresh();
    }
  }

  /** Draw now. */
  refresh(): void {
    clearTimeout(this._timer);
    this._timer = undefined;
    if (!this._ready || this._isDisposed) {
      return;
    }
    this._stale = !this._active;
    if (this._active) {
      void this._draw();
    }
  }

  /** Draw the text as it is now, by whoever can. */
  async render(options: IRenderOptions): Promise<RenderResult> {
    const { source, _fallbackRenderer: fallback } = this;
    if (fallback?.wants(source)) {
      return fallback.render(source, options);
    }
    const here = await this._renderer.render(source, options);
    const there =
      here.kind === 'unsupported' && (await fallback?.render(source, options));
    // Where neither can, the page's own words say so.
    const isBetter = there && !/^(unsupported|failed)$/.test(there.kind);
    return isBetter ? there : here;
  }

  private _onChanged(_: ISharedText, change: SourceChange): void {
    if (change.sourceChange && this._timer === undefined) {
      this._timer = window.setTimeout(
        () => this.refresh(),
        Math.max(this.delay, this._drawAt - performance.now())
      );
    }
  }

  private async _draw(): Promise<void> {
    this._busyTimer ??= window.setTimeout(
      () => this._preview.setBusy(true),
      BUSY_AFTER
    );
    const turn = ++this._turn;
    const result = await this.render({
      dark: this._dark,
      page: this._page,
      key: this._key
    });
    // Two who draw may overtake each other.
    const isLate = turn < this._shownTurn;
    if (this._isDisposed || isLate || result.kind === 'superseded') {
      return;
    }
    this._shownTurn = turn;
    clearTimeout(this._busyTimer);
    this._busyTimer = undefined;
    this._preview.setBusy(false);
    this._show(result);
  }

  private _show(result: Exclude<RenderResult, { kind: 'superseded' }>): void {
    clearTimeout(this._graceTimer);
    this._graceTimer = undefined;
    if (result.kind === 'empty') {
      this._current = null;
      this._inError = false;
      this._preview.showEmpty();
      this._preview.controls.setPages(0, 1);
      this._editor.showDiagnostics([]);
      return;
    }
    this._page = result.page;
    this._preview.controls.setPages(result.page, result.pages);
    if (result.kind === 'picture') {
      this._inError = false;
      this._showPicture(result);
    } else {
      this._showProblem(result.diagnostic, result.kind === 'unsupported');
    }
  }

  private _showPicture(result: IRendered): void {
    const begin = performance.now();
    let picture: SVGSVGElement;
    try {
      picture = cleanSvg(result.svg, {
        prefix: `${this._key}-`,
        margin: marginFor(result.lines[0] ?? '')
      });
    } catch (reason) {
      this._showProblem(
        { severity: 'error', line: null, message: String(reason) },
        false
      );
      return;
    }
    this._current = result;
    this._preview.showPicture(picture, result.warnings[0] ?? null);
    this._editor.showDiagnostics(result.warnings);
    this._scheduleNext(begin, result.duration);
  }

  /** When the next drawing may begin. */
  private _scheduleNext(begin: number, duration: number): void {
    const end = performance.now();
    const settle = (cost: number) => {
      const pause = Math.min(LONGEST_PAUSE, cost * PAUSE_FACTOR);
      this._drawAt = end + pause - duration;
    };
    settle(end - begin);
    // The page's own work on the picture, layout and paint, lies between a
    // frame's callbacks and the next task.
    requestAnimationFrame(frame => {
      setTimeout(() => settle(end - begin + performance.now() - frame));
    });
  }

  /**
   * Half-typed lines are wrong most of the time: from a right state to a
   * wrong one only after a moment.
   */
  private _showProblem(problem: IDiagnostic, unsupported: boolean): void {
    const show = () => {
      this._inError = true;
      this._graceTimer = undefined;
      this._preview.showProblem(problem, unsupported);
      this._editor.showDiagnostics([problem]);
    };
    if (this._inError || !this._current) {
      show();
    } else {
      this._graceTimer = window.setTimeout(show, GRACE);
    }
  }

  private _onClicked(_: unknown, target: Element): void {
    if (this._current && this._editor.isVisible) {
      const { lines, firstLine } = this._current;
      const index = locate(target, lines);
      if (index >= 0 && index + firstLine >= 0) {
        this._editor.revealLine(index + firstLine + 1);
      }
    }
  }

  private _onLine(_: unknown, line: number): void {
    this._editor.revealLine(line);
  }

  private _onPage(_: unknown, page: number): void {
    this._page = page;
    this.refresh();
  }

  private _onCaret(_: unknown, line: number): void {
    if (this._current && this._current.pages > 1) {
      const page = pageAt(this.source, line - 1);
      if (page !== this._page) {
        this._onPage(this, page);
      }
    }
  }

  private _active = true;
  private _busyTimer: number | undefined;
  private _current: IRendered | null = null;
  private _dark = false;
  private _drawAt = 0;
  private _editor: EditorPane;
  private _fallbackRenderer: IFallbackRenderer | null;
  private _graceTimer: number | undefined;
  private _inError = false;
  private _isDisposed = false;
  private _key = `d${UUID.uuid4().slice(0, 8)}`;
  private _model: DocumentRegistry.ICodeModel;
  private _page = 0;
  private _preview: Preview;
  private _ready = false;
  private _renderer: IDiagramRenderer;
  private _shownTurn = 0;
  private _stale = false;
  private _timer: number | undefined;
  private _turn = 0;
}

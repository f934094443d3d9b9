/**
 * The picture side of a diagram.
 *
 * It shows the last good picture for as long as there is no newer one; what
 * went wrong with the text stands in a bar below it. Only where there has
 * never been a picture a sentence takes its place.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import type { IDiagnostic } from '../render/protocol';
import { element } from '../ui/dom';
import { Controls } from './controls';
import { Gestures } from './gestures';
import { diagramIcon } from './icons';
import { ProblemBar } from './problembar';
import { Viewport } from './viewport';

/** What takes the picture's place. */
export type Placeholder =
  'loading' | 'empty' | 'problem' | 'unsupported' | null;

export class Preview extends Widget {
  constructor(private _trans: TranslationBundle) {
    super();
    this.addClass('jp-Diagram-preview');
    const stage = element('div', 'jp-Diagram-stage');
    const view = element('div', 'jp-Diagram-viewport');
    view.tabIndex = 0;
    view.setAttribute('role', 'region');
    view.setAttribute(
      'aria-label',
      _trans.__('Diagram. Arrow keys move it, plus and minus zoom, 0 fits it.')
    );
    this.viewport = new Viewport(view);
    this.gestures = new Gestures(this.viewport);
    this._progress = element('div', 'jp-Diagram-progress');
    this._progress.setAttribute('role', 'progressbar');
    this._progress.setAttribute('aria-label', _trans.__('Drawing'));
    this._progress.hidden = true;
    this._message = element('div', 'jp-Diagram-message');
    this.controls = new Controls(this.viewport, _trans);
    this.problemBar = new ProblemBar(_trans);
    stage.append(view, this._message, this._progress, this.controls.node);
    this.node.append(stage, this.problemBar.node);
    this._observer = new ResizeObserver(() => this.viewport.refresh());
    this._observer.observe(view);
    this.setPlaceholder('loading');
  }

  readonly viewport: Viewport;
  readonly gestures: Gestures;
  readonly controls: Controls;
  readonly problemBar: ProblemBar;

  /** A picture or a problem was shown. */
  get shown(): ISignal<this, void> {
    return this._shown;
  }

  get problem(): IDiagnostic | null {
    return this._problem;
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._observer.disconnect();
    this.gestures.dispose();
    this.viewport.dispose();
    this.controls.dispose();
    this.problemBar.dispose();
    Signal.clearData(this);
    super.dispose();
  }

  get isDark(): boolean {
    return this.node.dataset.paper === 'dark';
  }

  /** Whether pictures are made for a dark page. */
  setDark(dark: boolean): void {
    this.node.dataset.paper = dark ? 'dark' : 'light';
  }

  setBusy(busy: boolean): void {
    this._progress.hidden = !busy;
    this.node.setAttribute('aria-busy', String(busy));
  }

  showPicture(picture: SVGSVGElement, warning: IDiagnostic | null): void {
    picture.setAttribute('role', 'img');
    picture.setAttribute('aria-label', this._trans.__('Diagram'));
    this.viewport.setPicture(picture);
    this.setPlaceholder(null);
    this._setProblem(warning, false);
  }

  /**
   * @param unsupported - the text may be right, but not for this engine
   */
  showProblem(problem: IDiagnostic, unsupported = false): void {
    if (!this.viewport.picture) {
      if (unsupported) {
        this.setPlaceholder('unsupported', problem.message);
      } else {
        this.setPlaceholder('problem');
      }
    }
    this._setProblem(problem, true);
    if (unsupported && !this.viewport.picture) {
      // The sentence stands in the middle already.
      this.problemBar.show(null);
    }
  }

  showEmpty(): void {
    this.viewport.setPicture(null);
    this.setPlaceholder('empty');
    this._setProblem(null, false);
  }

  setPlaceholder(kind: Placeholder, detail = ''): void {
    this.node.dataset.state = kind ?? 'picture';
    this._message.hidden = kind === null;
    this._message.replaceChildren();
    if (kind === null) {
      return;
    }
    const symbol = element('div', 'jp-Diagram-messageIcon');
    diagramIcon.element({ container: symbol, tag: 'span' });
    symbol.className = 'jp-Diagram-messageIcon';
    const { title, text } = this._words(kind, detail);
    this._message.append(
      symbol,
      element('div', 'jp-Diagram-messageTitle', title),
      element('div', 'jp-Diagram-messageText', text)
    );
    if (kind === 'empty') {
      this._message.append(element('pre', 'jp-Diagram-sample', SAMPLE));
    }
  }

  private _words(
    kind: Exclude<Placeholder, null>,
    detail: string
  ): { title: string; text: string } {
    const trans = this._trans;
    switch (kind) {
      case 'loading':
        return {
          title: trans.__('Starting the drawing engine…'),
          text: trans.__('The first picture takes a moment.')
        };
      case 'empty':
        return {
          title: trans.__('Nothing to draw yet'),
          text: trans.__('The picture appears here while you type. To begin:')
        };
      case 'problem':
        return {
          title: trans.__('No picture yet'),
          text: trans.__('The text has an error; it is marked in the editor.')
        };
      case 'unsupported':
        return { title: trans.__('Not drawn here'), text: detail };
    }
  }

  private _setProblem(problem: IDiagnostic | null, stale: boolean): void {
    this._problem = problem;
    this.node.classList.toggle(
      'jp-mod-stale',
      stale && this.viewport.picture !== null
    );
    this.problemBar.show(problem);
    this._shown.emit();
  }

  private _message: HTMLElement;
  private _observer: ResizeObserver;
  private _problem: IDiagnostic | null = null;
  private _progress: HTMLElement;
  private _shown = new Signal<this, void>(this);
}

const SAMPLE = '@startuml\nAlice -> Bob : Hello\n@enduml';

/**
 * The slim bar under a picture: what is wrong, and where. A click on it goes
 * to the line.
 */
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDiagnostic } from '../render/protocol';
import { element } from '../ui/dom';

export class ProblemBar {
  constructor(private _trans: TranslationBundle) {
    this.node = element('div', 'jp-Diagram-problem');
    this.node.setAttribute('role', 'status');
    this.node.setAttribute('aria-live', 'polite');
    this.node.hidden = true;
  }

  readonly node: HTMLElement;

  /** Somebody wants to see a line (1-based). */
  get lineRequested(): ISignal<this, number> {
    return this._lineRequested;
  }

  dispose(): void {
    Signal.clearData(this);
  }

  show(problem: IDiagnostic | null): void {
    this.node.hidden = problem === null;
    this.node.replaceChildren();
    if (!problem) {
      return;
    }
    this.node.dataset.severity = problem.severity;
    const { line, message } = problem;
    const dot = element('span', 'jp-Diagram-problemDot');
    dot.setAttribute('aria-hidden', 'true');
    if (line === null) {
      const text = element('span', 'jp-Diagram-problemText', message);
      text.title = message;
      this.node.append(dot, text);
      return;
    }
    const sentence = this._trans.__('line %1: %2', line, message);
    const button = element(
      'button',
      'jp-Diagram-problemText jp-mod-link',
      sentence
    );
    button.type = 'button';
    button.title = `${sentence}\n${this._trans.__('Click to go to the line')}`;
    button.addEventListener('click', () => this._lineRequested.emit(line));
    this.node.append(dot, button);
  }

  private _lineRequested = new Signal<this, number>(this);
}

/**
 * Two texts side by side, read only, with what differs marked; or the older
 * one alone.
 */
import type { MergeView } from '@codemirror/merge';
import { EditorState } from '@codemirror/state';
import type { Extension } from '@codemirror/state';
import { EditorView, lineNumbers } from '@codemirror/view';
import { jupyterTheme } from '@jupyterlab/codemirror';
import { plantuml } from '../editor/plantuml';
import { element } from '../ui/dom';

export class Comparison {
  readonly node = element('div', 'ptg-History-texts');

  constructor(
    private readonly _labels: { older: string; newer: string },
    /** What both editors have besides. */
    private readonly _extension: Extension
  ) {}

  /** The editors, once something is shown. */
  get views(): EditorView[] {
    return this._view ? [this._view.a, this._view.b] : [];
  }

  /** Show texts; both stay where they were scrolled to. */
  async show(older: string, newer: string): Promise<void> {
    this._texts = [older, newer];
    this._loading ??= import('@codemirror/merge');
    const { MergeView: View } = await this._loading;
    if (this._isDisposed) {
      return;
    }
    // The last texts asked for, not those of this call.
    const [a, b] = this._texts;
    if (this._view) {
      replace(this._view.a, a);
      replace(this._view.b, b);
      return;
    }
    const { older: olderLabel, newer: newerLabel } = this._labels;
    const extra = this._extension;
    this._view = new View({
      a: { doc: a, extensions: [extra, reading(olderLabel)] },
      b: { doc: b, extensions: [extra, reading(newerLabel)] },
      parent: this.node,
      gutter: true
    });
  }

  dispose(): void {
    this._isDisposed = true;
    this._view?.destroy();
    this._view = null;
  }

  private _loading: Promise<typeof import('@codemirror/merge')> | null = null;
  private _view: MergeView | null = null;
  private _texts: [string, string] = ['', ''];
  private _isDisposed = false;
}

function reading(label: string): Extension {
  return [
    EditorState.readOnly.of(true),
    EditorState.lineSeparator.of('\n'),
    EditorView.editable.of(false),
    EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
    EditorView.lineWrapping,
    lineNumbers(),
    plantuml(),
    jupyterTheme
  ];
}

/** Change only what differs, so that nothing jumps. */
function replace(view: EditorView, text: string): void {
  const old = view.state.doc.toString();
  let from = 0;
  const shorter = Math.min(old.length, text.length);
  while (from < shorter && old[from] === text[from]) {
    from++;
  }
  let tail = 0;
  while (
    tail < shorter - from &&
    old[old.length - 1 - tail] === text[text.length - 1 - tail]
  ) {
    tail++;
  }
  if (old !== text) {
    view.dispatch({
      changes: {
        from,
        to: old.length - tail,
        insert: text.slice(from, text.length - tail)
      }
    });
  }
}

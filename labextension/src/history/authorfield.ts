/**
 * Who wrote what, in an editor: a coloured bar beside each line, and all text
 * dimmed that is not by the chosen author.
 *
 * The spans are a field of the editor's state and follow its changes. Bars and
 * dimming are made for the lines in view only.
 */
import { StateEffect, StateField, Transaction } from '@codemirror/state';
import type { EditorState, Extension } from '@codemirror/state';
import {
  Decoration,
  EditorView,
  gutter,
  GutterMarker,
  ViewPlugin
} from '@codemirror/view';
import type { BlockInfo, DecorationSet, ViewUpdate } from '@codemirror/view';
import { between, follow, sharesOf, UNKNOWN } from './authoredspans';
import type { IShare, IAuthoredSpan } from './authoredspans';
import type { AuthorNames } from './authornames';

/** What an editor knows of its text's authors. */
export interface IAuthorship {
  spans: readonly IAuthoredSpan[];
  /** Whose text is not dimmed; `undefined`: nothing is. */
  chosen: string | undefined;
}

/** The server has said who wrote what. */
export const setSpans = StateEffect.define<readonly IAuthoredSpan[]>();

/** Choose an author, or nobody. */
export const setChosen = StateEffect.define<string | undefined>();

export type AuthorField = StateField<IAuthorship>;

/** The field; what is typed in the editor is by `self`. */
export function authorField(self: () => string | null): AuthorField {
  return StateField.define<IAuthorship>({
    create: () => ({ spans: [], chosen: undefined }),
    update: (value, transaction) => {
      let { spans, chosen } = value;
      if (transaction.docChanged && spans.length) {
        // What comes from others is no user's event.
        const typed = transaction.annotation(Transaction.userEvent);
        const put = typed
          ? { author: self(), at: new Date().toISOString() }
          : UNKNOWN;
        spans = follow(spans, transaction.changes, put);
      }
      for (const effect of transaction.effects) {
        if (effect.is(setSpans)) {
          spans = effect.value;
        } else if (effect.is(setChosen)) {
          chosen = effect.value;
        }
      }
      return spans === value.spans && chosen === value.chosen
        ? value
        : { spans, chosen };
    }
  });
}

/** Who wrote the line at a place. An empty line is its line break. */
export function lineShares(
  state: EditorState,
  field: AuthorField,
  at: number
): IShare[] {
  const line = state.doc.lineAt(at);
  const to = Math.max(line.to, Math.min(line.from + 1, state.doc.length));
  return sharesOf(between(state.field(field).spans, line.from, to));
}

/** The bars and the dimming. */
export function authorship(field: AuthorField, people: AuthorNames): Extension {
  return [field, bars(field, people), dimming(field)];
}

class Bar extends GutterMarker {
  constructor(
    private readonly _colors: string,
    private readonly _words: string
  ) {
    super();
  }

  override eq(other: Bar): boolean {
    return other._colors === this._colors && other._words === this._words;
  }

  override toDOM(): HTMLElement {
    const bar = document.createElement('div');
    bar.className = 'ptg-Author-bar';
    bar.style.background = this._colors;
    bar.title = this._words;
    return bar;
  }
}

function bars(field: AuthorField, people: AuthorNames): Extension {
  const widest = new Bar('transparent', '');
  return gutter({
    class: 'ptg-Author-gutter',
    lineMarker: (view: EditorView, line: BlockInfo) => {
      const shares = lineShares(view.state, field, line.from);
      return shares.length
        ? new Bar(stripes(shares, people), people.describe(shares))
        : null;
    },
    lineMarkerChange: ({ startState, state }: ViewUpdate) =>
      startState.field(field, false) !== state.field(field, false),
    initialSpacer: () => widest
  });
}

/** One colour above the other, each as high as its author's part. */
function stripes(shares: readonly IShare[], people: AuthorNames): string {
  const [first] = shares;
  if (first && shares.length === 1) {
    return people.color(first.author);
  }
  let from = 0;
  const stops = shares.map(({ author, part }) => {
    const to = from + part * 100;
    const stop = `${people.color(author)} ${from.toFixed(0)}% ${to.toFixed(0)}%`;
    from = to;
    return stop;
  });
  return `linear-gradient(${stops.join(', ')})`;
}

const DIM = Decoration.mark({ class: 'ptg-Author-dimmed' });

function dimming(field: AuthorField): Extension {
  const marks = ({ state, visibleRanges }: EditorView): DecorationSet => {
    const { spans, chosen } = state.field(field);
    if (chosen === undefined) {
      return Decoration.none;
    }
    const ranges = visibleRanges.flatMap(({ from, to }) =>
      between(spans, from, to)
        .filter(({ author }) => author !== chosen)
        .map(span => DIM.range(span.from, span.to))
    );
    return Decoration.set(ranges);
  };
  return ViewPlugin.define(
    view => ({
      marks: marks(view),
      update(update: ViewUpdate) {
        if (
          update.docChanged ||
          update.viewportChanged ||
          update.startState.field(field, false) !== update.state.field(field)
        ) {
          this.marks = marks(update.view);
        }
      }
    }),
    { decorations: plugin => plugin.marks }
  );
}

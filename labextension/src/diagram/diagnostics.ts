/**
 * Marks in the editor: lint underlines and gutter markers of the engine's
 * complaints, and a short flash of a line that was jumped to.
 */
import { diagnosticCount, lintGutter, setDiagnostics } from '@codemirror/lint';
import type { Diagnostic } from '@codemirror/lint';
import { StateEffect, StateField } from '@codemirror/state';
import type { Extension, Text } from '@codemirror/state';
import { Decoration, EditorView } from '@codemirror/view';
import type { DecorationSet } from '@codemirror/view';
import type { IDiagnostic } from '../render/protocol';

/** Flash the line at a position. */
export const flashLine = StateEffect.define<number>();

const FLASH = Decoration.line({ class: 'jp-Diagram-flash' });

const flashField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    let next = transaction.docChanged ? Decoration.none : marks;
    for (const effect of transaction.effects) {
      if (effect.is(flashLine)) {
        const line = transaction.state.doc.lineAt(effect.value);
        next = Decoration.set(FLASH.range(line.from));
      }
    }
    return next;
  },
  provide: field => EditorView.decorations.from(field)
});

export function diagnosticsExtension(): Extension {
  return [lintGutter(), flashField];
}

export function showDiagnostics(
  view: EditorView,
  diagnostics: IDiagnostic[]
): void {
  const { state } = view;
  if (!diagnostics.length && !diagnosticCount(state)) {
    return;
  }
  const marks = diagnostics.flatMap(diagnostic =>
    toMark(state.doc, diagnostic)
  );
  view.dispatch(setDiagnostics(state, marks));
}

/** The text of the line, without its indentation. */
export function toMark(doc: Text, diagnostic: IDiagnostic): Diagnostic[] {
  if (diagnostic.line === null) {
    return [];
  }
  const number = Math.max(1, Math.min(diagnostic.line, doc.lines));
  const line = doc.line(number);
  const indent = line.text.length - line.text.trimStart().length;
  const from = Math.min(line.from + indent, line.to);
  return [
    {
      from,
      to: line.from + line.text.trimEnd().length,
      severity: diagnostic.severity,
      message: diagnostic.message
    }
  ].map(mark => ({ ...mark, to: Math.max(mark.from, mark.to) }));
}

/** PlantUML for CodeMirror: highlighting, folding, indentation. */
import {
  foldService,
  indentService,
  LanguageSupport,
  StreamLanguage
} from '@codemirror/language';
import type { IndentContext } from '@codemirror/language';
import type { EditorState } from '@codemirror/state';
import { closes, closingLine, divides, opens } from '../language/structure';
import { plantumlStream } from './stream';

/** How far back a blank stretch is looked over for the line above. */
const LOOK_BACK = 50;

export const plantumlLanguage = StreamLanguage.define(plantumlStream);

/** The range to fold for a line that opens a block. */
export function foldRange(
  state: EditorState,
  lineStart: number
): { from: number; to: number } | null {
  const { doc } = state;
  const line = doc.lineAt(lineStart);
  const end = closingLine(n => doc.line(n).text, line.number, doc.lines);
  if (end <= line.number + 1) {
    return null;
  }
  return { from: line.to, to: doc.line(end - 1).to };
}

/** The column at which the line at `pos` should begin. */
export function indentation(
  context: IndentContext,
  pos: number
): number | null {
  const { doc } = context.state;
  const { text, from } = context.lineAt(pos);
  // While Enter is handled the new line is still a part of the old one.
  const upper = context.lineAt(pos, -1);
  const above =
    upper.from < from
      ? upper
      : lastLineBefore(context.state, doc.lineAt(from).number);
  if (!above) {
    return 0;
  }
  const base = context.lineIndent(above.from, -1);
  const kind = opens(above.text);
  let level = base;
  if ((kind && !kind.flat) || divides(above.text)) {
    level += context.unit;
  }
  if (closes(text) || divides(text)) {
    level -= context.unit;
  }
  return Math.max(0, level);
}

function lastLineBefore(
  state: EditorState,
  number: number
): { text: string; from: number } | null {
  for (let n = number - 1; n >= Math.max(1, number - LOOK_BACK); n--) {
    const line = state.doc.line(n);
    if (line.text.trim()) {
      return line;
    }
  }
  return null;
}

export function plantuml(): LanguageSupport {
  return new LanguageSupport(plantumlLanguage, [
    foldService.of((state, lineStart) => foldRange(state, lineStart)),
    indentService.of((context, pos) => indentation(context, pos))
  ]);
}

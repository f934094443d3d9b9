/**
 * The tokens of PlantUML, line by line.
 *
 * PlantUML has no one grammar: each diagram type reads lines in its own way.
 * So the words that mean something in most types are coloured at the places
 * where they can stand, and free text (labels after a colon, notes, legends)
 * is left as text.
 */
import type { StreamParser, StringStream } from '@codemirror/language';
import { ARROW, DECLARATION, DIRECTIVE, KEYWORD } from '../language/keywords';
import { opens } from '../language/structure';

export interface IStreamState {
  /** Inside a comment that goes over lines. */
  comment: boolean;
  /** Inside free text, until a line matches. */
  until: RegExp | null;
  /** Nothing of the line has been read yet. */
  first: boolean;
  /** What follows a colon is a label: after an arrow, in a note. */
  label: boolean;
  /** The rest of the line is text: a title. */
  rest: boolean;
}

const FREE_TEXT =
  /^(?:[hr]?note|legend|title|(?:(?:left|right|center)\s+)?(?:header|footer)|ref)\b/i;

/** Words whose line is text. */
const LINE_TEXT =
  /^(?:title|caption|(?:(?:left|right|center)\s+)?(?:header|footer)|mainframe)(?=\s)/;

export const plantumlStream: StreamParser<IStreamState> = {
  name: 'plantuml',
  startState: () => ({
    comment: false,
    until: null,
    first: true,
    label: false,
    rest: false
  }),
  copyState: state => ({ ...state }),
  token(stream, state) {
    if (stream.sol()) {
      state.first = true;
      state.label = false;
      state.rest = false;
    }
    if (state.comment) {
      return readComment(stream, state);
    }
    if (state.until) {
      return readFreeText(stream, state);
    }
    if (stream.eatSpace()) {
      return null;
    }
    if (stream.match("/'")) {
      return readComment(stream, state);
    }
    const { first } = state;
    state.first = false;
    return (
      (first ? readLineStart(stream, state) : null) ??
      readWord(stream, state, first)
    );
  },
  languageData: {
    commentTokens: { line: "'", block: { open: "/'", close: "'/" } },
    closeBrackets: { brackets: ['(', '[', '{', '"'] },
    wordChars: '$%@!',
    indentOnInput:
      /^\s*(?:end ?\w*|else.*|\}|fork again|split again|case.*|@end\w*|!end\w*|!else\w*)$/i
  }
};

function readComment(stream: StringStream, state: IStreamState): string {
  if (stream.match(/^.*?'\//)) {
    state.comment = false;
  } else {
    state.comment = true;
    stream.skipToEnd();
  }
  return 'blockComment';
}

function readFreeText(stream: StringStream, state: IStreamState): string {
  if (stream.sol()) {
    stream.eatSpace();
    if (state.until && stream.match(state.until)) {
      state.until = null;
      return 'keyword';
    }
  }
  stream.skipToEnd();
  return 'string';
}

/** What only stands at the beginning of a line. */
function readLineStart(
  stream: StringStream,
  state: IStreamState
): string | null {
  if (stream.match(/^'.*/)) {
    return 'lineComment';
  }
  if (stream.match(/^@(?:start|end)\w*/i)) {
    return 'meta';
  }
  if (stream.match(DIRECTIVE)) {
    return 'processingInstruction';
  }
  if (stream.match(/^!(?=\$)/)) {
    return 'processingInstruction';
  }
  if (stream.match(/^<\/?style>/i)) {
    return 'tagName';
  }
  if (
    stream.match(/^==.*==\s*$/) ||
    stream.match(/^(?:\.{3}|\|{2,3})(?:.*(?:\.{3}|\|{2,3}))?\s*$/)
  ) {
    return 'heading';
  }
  if (stream.match(/^(?:[*+#]+_?(?:\[#?\w+\])?[<>]?|\|[^|]+\|)(?=\s|$)/)) {
    return 'list';
  }
  const line = stream.string.slice(stream.pos);
  if (FREE_TEXT.test(line)) {
    state.until = opens(line)?.close ?? null;
    if (state.until) {
      // The rest of the opening line names what the text belongs to.
      stream.match(/^\S+/);
      const rest = stream.string.slice(stream.pos).trim();
      if (rest) {
        stream.skipToEnd();
      }
      return 'keyword';
    }
    state.label = true;
  }
  if (stream.match(LINE_TEXT)) {
    state.rest = true;
    return 'keyword';
  }
  return null;
}

function readWord(
  stream: StringStream,
  state: IStreamState,
  first: boolean
): string | null {
  if (state.rest) {
    stream.skipToEnd();
    return 'string';
  }
  if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) {
    return 'string';
  }
  if (stream.match(/^<<[^>]{0,500}>>/)) {
    return 'annotation';
  }
  if (stream.match(/^\[\[[^\]]{0,2000}\]\]/)) {
    return 'link';
  }
  if (stream.match(/^%\w+(?=\()/)) {
    return 'variableName.function';
  }
  if (stream.match(/^\$\w+/)) {
    return 'variableName.special';
  }
  if (
    stream.match(
      /^#(?:[0-9a-f]{3,8}|[a-z]\w*)(?:[\\/|-]#?[0-9a-z]+)?(?:;[\w.:#]+)*/i
    )
  ) {
    return 'atom';
  }
  if (stream.match(ARROW)) {
    state.label = true;
    return 'operator';
  }
  if (state.label && stream.match(/^:.*/)) {
    return 'string';
  }
  if (first && stream.match(/^:(?![^:]*:\s*(?:as\b|$)).*?[;|<>/\]}]?$/)) {
    // ":an activity;"
    return 'string';
  }
  if (
    first
      ? stream.match(DECLARATION)
      : stream.match(
          /^(?:class|interface|participant|actor|enum|state|person)(?=\s)/
        )
  ) {
    return 'keyword';
  }
  if (stream.match(KEYWORD)) {
    return 'keyword';
  }
  if (stream.match(/^\d+(?:\.\d+)?%?(?!\w)/)) {
    return 'number';
  }
  if (stream.match(/^\d+/)) {
    // Digits that begin a word; they are not looked at one by one.
    return null;
  }
  if (stream.match(/^[\p{L}_][\p{L}\p{N}_.]*/u)) {
    return 'variableName';
  }
  stream.next();
  return null;
}

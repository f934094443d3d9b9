/**
 * Groups of a sequence diagram (`alt`, `loop`, …) that nothing ends.
 *
 * The engine closes them silently at the end of the diagram, which is seldom
 * what the author meant. Text whose lines a preprocessor chooses or makes
 * cannot be read so, and is left alone.
 */
import { opens } from '../language/structure';

export interface IUnclosed {
  /** 0-based index into the lines. */
  index: number;
  /** The word that opens the group. */
  word: string;
}

const GROUP = /^(alt|opt|loop|par2?|break|critical|group)\b/i;
const END = /^end(?:\s+(?:alt|opt|loop|par2?|break|critical|group))?\s*$/i;
const COMMENT = /^'/;
const PREPROCESSED =
  /^\s*(?:!(?:if|ifdef|ifndef|while|foreach|procedure|function|unquoted|final|definelong|include|startsub)|\$\w+\s*\()/i;
/** Blocks of text, in which these words mean nothing. */
const FREE_TEXT =
  /^(?:[hr]?note|ref|legend|title|(?:(?:left|right|center)\s+)?(?:header|footer)|<style>|\/')/i;

export function unclosedGroups(lines: string[]): IUnclosed[] {
  if (lines.some(line => PREPROCESSED.test(line))) {
    return [];
  }
  const open: IUnclosed[] = [];
  let until: RegExp | null = null;
  lines.forEach((line, index) => {
    const text = line.trim();
    if (until) {
      until = until.test(text) ? null : until;
    } else if (COMMENT.test(text)) {
      return;
    } else if (FREE_TEXT.test(text)) {
      until = opens(text)?.close ?? null;
    } else if (END.test(text)) {
      open.pop();
    } else {
      const word = GROUP.exec(text)?.[1];
      if (word) {
        open.push({ index, word });
      }
    }
  });
  return open;
}

/**
 * Whether a picture is a sequence diagram: it alone begins with the dashed
 * lifelines of its participants, each with an unseen box to point at.
 */
export function isSequence(svg: string): boolean {
  return LIFELINE.test(svg);
}

const LIFELINE =
  /<g><title>[^<]*<\/title><rect [^>]*fill="none" stroke="none" stroke-width="0"\/><line /;

/**
 * Finds the diagrams of a text and the pages of each.
 *
 * The engine draws only the first `@start…@end` block and the first page of
 * it. A page of its own is made by blanking the lines of the other pages, all
 * but declarations and settings: line numbers stay as they are. What the lines
 * look like is in a table that the server has, too (rendering/text/blocks.py).
 */
import { blocks as table } from '../shared/blocks';

const LINES = table.patterns;

/** One picture: a page of a block. */
export interface IPage {
  /** The text for the engine. */
  lines: string[];
  /** 0-based line in the whole text of `lines[0]`; -1 when it was added. */
  firstLine: number;
  /** The word after `@start`: "uml", "json", … */
  type: string;
  /** The `@end` line was missing and has been added. */
  unclosed: boolean;
  /** No `@start` line was there at all. */
  bare: boolean;
}

/** All pictures of a text, in order; empty when there is nothing to draw. */
export function splitPages(source: string): IPage[] {
  const lines = source.split(LINES.lineEnd);
  const blocks = splitBlocks(lines);
  if (blocks.length) {
    // What was only begun is no mistake, and nothing to draw yet.
    return blocks.every(isBlank) ? [] : blocks.flatMap(pagesOf);
  }
  if (lines.every(saysNothing)) {
    return [];
  }
  return pagesOf({
    lines: ['@startuml', ...lines, '@enduml'],
    firstLine: -1,
    type: 'uml',
    unclosed: false,
    bare: true
  });
}

/** A text without the blanks at its edges. */
export function stripped(text: string): string {
  return text.replace(LINES.leading, '').replace(LINES.trailing, '');
}

function saysNothing(line: string): boolean {
  return LINES.blank.test(line) || LINES.comment.test(line);
}

function isBlank(block: IPage): boolean {
  return block.type === 'uml' && block.lines.slice(1, -1).every(saysNothing);
}

function splitBlocks(lines: string[]): IPage[] {
  const blocks: IPage[] = [];
  let open: IPage | null = null;
  const close = (unclosed: boolean) => {
    if (open) {
      if (unclosed) {
        open.lines.push(`@end${open.type}`);
        open.unclosed = true;
      }
      blocks.push(open);
      open = null;
    }
  };
  lines.forEach((line, index) => {
    const type = LINES.start.exec(line)?.[1];
    if (type !== undefined) {
      close(true);
      open = {
        lines: [line],
        firstLine: index,
        type: type.toLowerCase(),
        unclosed: false,
        bare: false
      };
    } else if (open) {
      open.lines.push(line);
      if (LINES.end.test(line)) {
        close(false);
      }
    }
  });
  close(true);
  return blocks;
}

function pagesOf(block: IPage): IPage[] {
  const breaks = block.lines.flatMap((line, i) =>
    LINES.newPage.test(line) ? [i] : []
  );
  if (block.type !== 'uml' || !breaks.length) {
    return [block];
  }
  const lasting = lastingLines(block.lines);
  return [0, ...breaks].map((begin, page) => {
    const end = breaks[page] ?? block.lines.length - 1;
    const lines = block.lines.map((line, i) => {
      if (i === 0 || i === block.lines.length - 1) {
        return line;
      }
      if (breaks.includes(i)) {
        const title = stripped(line.replace(LINES.newPage, ''));
        return i === begin && title ? `title ${title}` : '';
      }
      const inPage = i > begin && i < end;
      return inPage || (i < begin && lasting[i]) ? line : '';
    });
    return { ...block, lines };
  });
}

/** Which lines hold beyond their page; multi-line settings as a whole. */
function lastingLines(lines: string[]): boolean[] {
  let until: RegExp | null = null;
  return lines.map(line => {
    if (until) {
      if (until.test(line)) {
        until = null;
      }
      return true;
    }
    const span = table.spans.find(([begin]) => LINES[begin].test(line));
    until = span ? LINES[span[1]] : null;
    return until !== null || LINES.lasting.test(line);
  });
}

/** Which page shows the 0-based line of the text. */
export function pageAt(source: string, line: number): number {
  const lines = source.split(LINES.lineEnd).slice(0, line + 1);
  let page = -1;
  let open = false;
  let type = '';
  for (const text of lines) {
    const begun = LINES.start.exec(text)?.[1];
    if (begun !== undefined) {
      type = begun.toLowerCase();
      open = true;
      page++;
    } else if (open && LINES.end.test(text)) {
      open = false;
    } else if (open && type === 'uml' && LINES.newPage.test(text)) {
      page++;
    }
  }
  return Math.max(0, page);
}

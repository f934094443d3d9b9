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

/**
 * All pictures of a text, in order, the first of very many.
 *
 * A page is made when it is asked for: each costs as much as the whole text,
 * whose every line may be a page.
 */
export class Pages implements Iterable<IPage> {
  constructor(blocks: readonly IPage[]) {
    for (const each of blocks) {
      const block = new Block(each);
      for (let number = 0; number < block.begins.length; number++) {
        if (this._pages.length === table.pagesAtMost) {
          return;
        }
        this._pages.push([block, number]);
      }
    }
  }

  get length(): number {
    return this._pages.length;
  }

  /** The picture of a number from 0. */
  at(index: number): IPage | undefined {
    const found = this._pages[index];
    return found && found[0].page(found[1]);
  }

  *[Symbol.iterator](): Iterator<IPage> {
    for (const [block, number] of this._pages) {
      yield block.page(number);
    }
  }

  private _pages: [Block, number][] = [];
}

/** All pictures of a text; none when there is nothing to draw. */
export function splitPages(source: string): Pages {
  const lines = source.split(LINES.lineEnd);
  const blocks = splitBlocks(lines);
  if (blocks.length) {
    // What was only begun is no mistake, and nothing to draw yet.
    return new Pages(blocks.every(isBlank) ? [] : blocks);
  }
  if (lines.every(saysNothing)) {
    return new Pages([]);
  }
  return new Pages([
    {
      lines: ['@startuml', ...lines, '@enduml'],
      firstLine: -1,
      type: 'uml',
      unclosed: false,
      bare: true
    }
  ]);
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

/** A block and where its pages begin. */
class Block {
  constructor(private readonly _block: IPage) {
    const { type, lines } = _block;
    const breaks =
      type === 'uml'
        ? lines.flatMap((line, i) => (LINES.newPage.test(line) ? [i] : []))
        : [];
    this.begins = [0, ...breaks];
    this._breaks = new Set(breaks);
  }

  readonly begins: readonly number[];

  /** One page, as a block of its own. */
  page(number: number): IPage {
    if (this.begins.length === 1) {
      return this._block;
    }
    this._lasting ??= lastingLines(this._block.lines);
    const lasting = this._lasting;
    const last = this._block.lines.length - 1;
    const begin = this.begins[number] ?? 0;
    const end = this.begins[number + 1] ?? last;
    const lines = this._block.lines.map((line, i) => {
      if (i === 0 || i === last) {
        return line;
      }
      if (this._breaks.has(i)) {
        const title =
          i === begin ? stripped(line.replace(LINES.newPage, '')) : '';
        return title ? `title ${title}` : '';
      }
      const inPage = i > begin && i < end;
      return inPage || (i < begin && lasting[i]) ? line : '';
    });
    return { ...this._block, lines };
  }

  private readonly _breaks: ReadonlySet<number>;
  private _lasting: boolean[] | null = null;
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
  return Math.min(Math.max(0, page), table.pagesAtMost - 1);
}

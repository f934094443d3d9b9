/**
 * The blocks of PlantUML: what opens, divides and closes them. Folding and
 * indentation read the same table.
 */

/** A kind of block; patterns are tried on a line without its indentation. */
export interface IBlockKind {
  open: RegExp;
  close: RegExp;
  /** Lines inside that stand at the block's own level. */
  divider?: RegExp;
  /** Whose inside keeps its indentation as it is. */
  flat?: boolean;
}

export const BLOCKS: readonly IBlockKind[] = [
  { open: /^@start[a-z]*/i, close: /^@end[a-z]*/i, flat: true },
  { open: /^\/'(?!.*'\/)/, close: /'\/\s*$/, flat: true },
  { open: /^<style>/i, close: /^<\/style>/i },
  {
    open: /^!(?:(?:unquoted|final)\s+)*(?:procedure|function)\b(?!.*\breturn\b)/i,
    close: /^!end\s*(?:procedure|function)\b/i
  },
  {
    open: /^!(?:if|ifdef|ifndef)\b/i,
    close: /^!endif\b/i,
    divider: /^!else(?:if)?\b/i
  },
  { open: /^!while\b/i, close: /^!endwhile\b/i },
  { open: /^!foreach\b/i, close: /^!endfor\b/i },
  { open: /^!startsub\b/i, close: /^!endsub\b/i },
  { open: /^!definelong\b/i, close: /^!enddefinelong\b/i },
  {
    open: /^(?:alt|opt|loop|par2?|break|critical|group)\b(?!.*\{\s*$)/i,
    close: /^end(?!\s*\w)\s*$/i,
    divider: /^else\b(?!\s*\()/i
  },
  { open: /^box\b/i, close: /^end\s*box\b/i },
  {
    open: /^if\b(?!.*\bendif\b)/i,
    close: /^end\s*if\b/i,
    divider: /^(?:else\b|else\s*if\b|elseif\b|\(.*\)\s*elseif\b)/i
  },
  { open: /^while\b/i, close: /^end\s*while\b/i },
  { open: /^repeat(?!\s*while)\b/i, close: /^repeat\s*while\b/i },
  {
    open: /^fork(?!\s*again)\b/i,
    close: /^end\s*(?:fork|merge)\b/i,
    divider: /^fork\s*again\b/i
  },
  {
    open: /^split(?!\s*again)\b/i,
    close: /^end\s*split\b/i,
    divider: /^split\s*again\b/i
  },
  { open: /^switch\b/i, close: /^end\s*switch\b/i, divider: /^case\b/i },
  {
    open: /^[hr]?note\b(?!.*(?::|"\s*as\b))/i,
    close: /^end\s*[hr]?note\b/i
  },
  { open: /^ref\s+over\b(?!.*:)/i, close: /^end\s*ref\b/i },
  {
    open: /^legend(?:\s+(?:left|right|top|bottom|center))*\s*$/i,
    close: /^end\s*legend\b/i
  },
  { open: /^title\s*$/i, close: /^end\s*title\b/i },
  {
    open: /^(?:(?:left|right|center)\s+)?header\s*$/i,
    close: /^end\s*header\b/i
  },
  {
    open: /^(?:(?:left|right|center)\s+)?footer\s*$/i,
    close: /^end\s*footer\b/i
  },
  { open: /^[^'].*\{\s*$|^\{\s*$/, close: /^\}/ }
];

/** The kind that a line opens. */
export function opens(line: string): IBlockKind | null {
  const text = line.trim();
  return text ? (BLOCKS.find(kind => kind.open.test(text)) ?? null) : null;
}

/** Whether a line closes a block of any kind that indents. */
export function closes(line: string): boolean {
  const text = line.trim();
  return BLOCKS.some(kind => !kind.flat && kind.close.test(text));
}

/** Whether a line divides a block. */
export function divides(line: string): boolean {
  const text = line.trim();
  return BLOCKS.some(kind => kind.divider?.test(text));
}

/**
 * The number (as `start`) of the line that closes the block opened at
 * `start`; -1 when nothing is open there or nothing closes it.
 */
export function closingLine(
  lineAt: (n: number) => string,
  start: number,
  count: number
): number {
  const kind = opens(lineAt(start));
  if (!kind) {
    return -1;
  }
  let depth = 1;
  for (let n = start + 1; n <= count; n++) {
    const text = lineAt(n).trim();
    if (kind.close.test(text)) {
      depth--;
      // "} else {" closes one and opens another.
      if (depth === 0) {
        return n;
      }
    }
    if (kind.open.test(text)) {
      if (kind.open === BLOCKS[0]?.open) {
        return -1;
      }
      depth++;
    }
  }
  return -1;
}

/**
 * What the engine's answer means. A syntax error arrives as a picture of an
 * error page, through the success callback.
 */

const ERROR_PAGE =
  /^<svg[^>]*><defs\/><g><text [^>]*fill="#33FF02"[^>]*>PlantUML version /;
const WHERE = />\[From ([^<]*?) \(line (\d+)\) \]</;
const RED = /fill="#FF0000"[^>]*>([^<]*)</g;
const UNSUPPORTED = '>Diagram not supported by this release of PlantUML<';
const BAD_DATA = '>Your data does not sound like ';

const ENTITIES: Record<string, string> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&amp;': '&'
};

function unescape(text: string): string {
  return text.replace(/&(?:lt|gt|quot|apos|amp);/g, entity => ENTITIES[entity]);
}

/** What is wrong with a picture, in the engine's own words. */
export interface IFinding {
  kind: 'syntax' | 'unsupported' | 'data';
  /** 1-based, in the given block; `null` when the engine does not say. */
  line: number | null;
  complaints: string[];
}

/** The engine's complaint about a picture. */
export function diagnosePicture(svg: string): IFinding | null {
  if (ERROR_PAGE.test(svg)) {
    const where = WHERE.exec(svg);
    const said = [...svg.matchAll(RED)]
      .map(match =>
        unescape(match[1])
          .replace(/\u00a0/g, ' ')
          .trim()
      )
      .filter(text => text);
    return {
      kind: 'syntax',
      line: where ? Number(where[2]) : null,
      complaints: said.length ? [...new Set(said)] : ['Syntax Error?']
    };
  }
  if (svg.includes(UNSUPPORTED)) {
    return { kind: 'unsupported', line: 1, complaints: [] };
  }
  if (svg.includes(BAD_DATA)) {
    return { kind: 'data', line: 2, complaints: [] };
  }
  return null;
}

/** The engine's recursion was deeper than the worker's stack. */
export function isStackOverflow(error: string | undefined): boolean {
  return (
    error !== undefined && /Maximum call stack|too much recursion/i.test(error)
  );
}

/**
 * What the engine's answer means. A syntax error arrives as a picture of an
 * error page, through the success callback.
 */
import type { IDiagnostic } from './protocol';

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

export interface IFinding extends IDiagnostic {
  unsupported?: boolean;
}

/** The engine's complaint about a picture; lines count in the given block. */
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
      severity: 'error',
      line: where ? Number(where[2]) : null,
      message: [...new Set(said)].join('; ') || 'Syntax Error?'
    };
  }
  if (svg.includes(UNSUPPORTED)) {
    return { severity: 'error', line: 1, message: '', unsupported: true };
  }
  if (svg.includes(BAD_DATA)) {
    return { severity: 'error', line: 2, message: 'The data is not valid' };
  }
  return null;
}

/** The engine's recursion was deeper than the worker's stack. */
export function isStackOverflow(error: string | undefined): boolean {
  return (
    error !== undefined && /Maximum call stack|too much recursion/i.test(error)
  );
}

/** An exception's text without its Java class. */
export function diagnoseFailure(error: string): IFinding {
  const message = error.replace(/^(?:java|net)\.[\w.$]+(?:: ?|$)/, '').trim();
  return { severity: 'error', line: null, message: message || error };
}

/**
 * From the engine's answer to a result in words, with lines of the whole
 * text.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IPage } from './blocks';
import { diagnoseFailure, diagnosePicture, isStackOverflow } from './diagnose';
import type {
  IDiagnostic,
  IFailed,
  IWorkerAnswer,
  RenderResult
} from './protocol';
import {
  formulaLine,
  missingLibraryMessage,
  missingType,
  unsupportedMessage
} from './unsupported';

/** `!include <library/file>`; the engine has no standard library. */
const LIBRARY = /^\s*!include(?:_many|_once|sub)?\s*<([^/>]+)/i;

/** `sprite $name jar:library/name` takes a picture out of the jar. */
const JAR_SPRITE = /^\s*sprite\b.*\bjar:/i;

export function explain(
  answer: IWorkerAnswer,
  page: IPage,
  index: number,
  pages: number,
  trans: TranslationBundle
): RenderResult {
  const failed = (kind: IFailed['kind'], line: number | null, text: string) => {
    return {
      kind,
      diagnostic: {
        severity: 'error' as const,
        line: lineInText(line, page),
        message: text
      },
      page: index,
      pages
    };
  };

  const finding =
    answer.error !== undefined
      ? diagnoseFailure(answer.error)
      : diagnosePicture(answer.svg ?? '');
  if (finding) {
    const missing =
      missingType(page.type, page.lines) ??
      (finding.unsupported ? page.type : null);
    if (missing !== null) {
      return failed('unsupported', 1, unsupportedMessage(missing, trans));
    }
    const library = missingLibrary(page, finding.line);
    if (library) {
      return failed(
        'unsupported',
        library.line,
        missingLibraryMessage(library.name, trans)
      );
    }
    if (finding.line && JAR_SPRITE.test(page.lines[finding.line - 1] ?? '')) {
      return failed(
        'unsupported',
        finding.line,
        unsupportedMessage(trans.__('sprites of the jar'), trans)
      );
    }
    if (isStackOverflow(answer.error)) {
      return failed(
        'failed',
        null,
        trans.__(
          'The diagram has too many parts, or too many levels, for the built-in engine.'
        )
      );
    }
    return failed(
      'syntax',
      finding.line,
      finding.message === 'Syntax Error?'
        ? trans.__('Syntax error')
        : finding.message
    );
  }

  return {
    kind: 'picture',
    svg: answer.svg ?? '',
    firstLine: page.firstLine,
    lines: page.lines,
    page: index,
    pages,
    warnings: warningsOf(page, trans),
    duration: answer.duration
  };
}

/** From a line of the block to one of the whole text, both 1-based. */
function lineInText(line: number | null, page: IPage): number | null {
  return line === null ? null : Math.max(1, line + page.firstLine);
}

function missingLibrary(
  page: IPage,
  line: number | null
): { name: string; line: number } | null {
  const blamed =
    line === null ? null : LIBRARY.exec(page.lines[line - 1] ?? '');
  if (line !== null && blamed) {
    return { name: blamed[1], line };
  }
  return null;
}

/** What is drawn, but not as the author will expect. */
function warningsOf(page: IPage, trans: TranslationBundle): IDiagnostic[] {
  const warnings: IDiagnostic[] = [];
  if (page.unclosed) {
    warnings.push({
      severity: 'warning',
      line: lineInText(1, page),
      message: trans.__('The line @end%1 is missing.', page.type)
    });
  }
  const formula = formulaLine(page.lines);
  if (formula >= 0) {
    warnings.push({
      severity: 'warning',
      line: lineInText(formula + 1, page),
      message: unsupportedMessage(trans.__('formulas'), trans)
    });
  }
  return warnings;
}

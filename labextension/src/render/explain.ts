/**
 * From the engine's answer to a result in words, with lines of the whole
 * text.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IPage } from './blocks';
import { diagnosePicture, isStackOverflow } from './diagnose';
import type { IFinding } from './diagnose';
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
import { isSequence, unclosedGroups } from './unclosed';
import { failureInWords, inWords } from './wording';

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

  const { error } = answer;
  const finding =
    error === undefined ? diagnosePicture(answer.svg ?? '') : null;
  if (finding || error !== undefined) {
    const missing =
      missingType(page.type, page.lines) ??
      (finding?.kind === 'unsupported' ? page.type : null);
    if (missing !== null) {
      return failed('unsupported', 1, unsupportedMessage(missing, trans));
    }
    const line = finding?.line ?? null;
    const library = missingLibrary(page, line);
    if (library) {
      return failed(
        'unsupported',
        library.line,
        missingLibraryMessage(library.name, trans)
      );
    }
    if (line && JAR_SPRITE.test(page.lines[line - 1] ?? '')) {
      return failed(
        'unsupported',
        line,
        unsupportedMessage(trans.__('sprites of the jar'), trans)
      );
    }
    if (isStackOverflow(error)) {
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
      line,
      finding ? said(finding, page, trans) : failureInWords(error!, trans)
    );
  }

  return {
    kind: 'picture',
    svg: answer.svg ?? '',
    firstLine: page.firstLine,
    lines: page.lines,
    page: index,
    pages,
    warnings: warningsOf(page, answer.svg ?? '', trans),
    duration: answer.duration
  };
}

function said(
  finding: IFinding,
  page: IPage,
  trans: TranslationBundle
): string {
  return finding.kind === 'data'
    ? trans.__('This is not valid %1.', page.type.toUpperCase())
    : finding.complaints
        .map(complaint => inWords(complaint, trans))
        .filter((text, i, all) => all.indexOf(text) === i)
        .join(' ');
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
function warningsOf(
  page: IPage,
  svg: string,
  trans: TranslationBundle
): IDiagnostic[] {
  const warnings: IDiagnostic[] = [];
  const unclosed = isSequence(svg) ? unclosedGroups(page.lines) : [];
  for (const { index, word } of unclosed) {
    warnings.push({
      severity: 'error',
      line: lineInText(index + 1, page),
      message: trans.__(
        'Nothing ends this “%1”: a line “end” is missing.',
        word
      )
    });
  }
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

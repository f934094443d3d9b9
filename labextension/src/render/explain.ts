/**
 * From the engine's answer to a result in words, with lines of the whole
 * text.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { answers } from '../shared/answers';
import { sentences } from '../shared/sentences';
import type { IPage } from './blocks';
import { diagnosePicture, isStackOverflow } from './diagnose';
import type { IFinding } from './diagnose';
import type {
  IDiagnostic,
  IFailed,
  IWorkerAnswer,
  RenderResult
} from './protocol';
import { formulaLine, missingType } from './unsupported';
import { isSequence, unclosedGroups } from './unclosed';
import { failureInWords, inWords } from './wording';

const { library, jarSprite } = answers.patterns;

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
      return failed('unsupported', 1, sentences.typeNotDrawn(trans, missing));
    }
    const line = finding?.line ?? null;
    const blamed = line === null ? '' : (page.lines[line - 1] ?? '');
    const name = library.exec(blamed)?.[1];
    if (name !== undefined) {
      return failed('unsupported', line, sentences.libraryMissing(trans, name));
    }
    if (jarSprite.test(blamed)) {
      const sprites = sentences.jarSprites(trans);
      return failed(
        'unsupported',
        line,
        sentences.typeNotDrawn(trans, sprites)
      );
    }
    if (isStackOverflow(error)) {
      return failed('failed', null, sentences.tooDeep(trans));
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
    ? sentences.notValidData(trans, page.type.toUpperCase())
    : [
        ...new Set(
          finding.complaints.map(complaint => inWords(complaint, trans))
        )
      ].join(' ');
}

/** From a line of the block to one of the whole text, both 1-based. */
function lineInText(line: number | null, page: IPage): number | null {
  return line === null ? null : Math.max(1, line + page.firstLine);
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
      message: sentences.groupNotEnded(trans, word)
    });
  }
  if (page.unclosed) {
    warnings.push({
      severity: 'warning',
      line: lineInText(1, page),
      message: sentences.endMissing(trans, page.type)
    });
  }
  const formula = formulaLine(page.lines);
  if (formula >= 0) {
    warnings.push({
      severity: 'warning',
      line: lineInText(formula + 1, page),
      message: sentences.typeNotDrawn(trans, sentences.formulas(trans))
    });
  }
  return warnings;
}

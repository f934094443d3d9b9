import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';
import { splitPages } from '../blocks';
import { explain } from '../explain';
import type { RenderResult } from '../protocol';

const trans = nullTranslator.load('plant_together');

/** An error page as the engine draws it. */
function errorPage(line: number, ...messages: string[]): string {
  const red = messages
    .map(text => `<text fill="#FF0000" x="5">${text}</text>`)
    .join('');
  return `<svg xmlns="http://www.w3.org/2000/svg"><defs/><g><text x="1" fill="#33FF02" font-size="12">PlantUML version 1.2026.8</text><text>[From textarea (line ${line}) ]</text>${red}</g></svg>`;
}

function answer(source: string, svg?: string, error?: string): RenderResult {
  const pages = splitPages(source);
  return explain(
    { id: 1, svg, error, duration: 1 },
    pages[0],
    0,
    pages.length,
    trans
  );
}

describe('explain', () => {
  it('gives the line in the whole text and the message in plain characters', () => {
    const result = answer(
      'intro\n@startuml\nA -> -> B\n@enduml',
      errorPage(2, 'Syntax Error? &lt;x&gt;', 'Syntax Error? &lt;x&gt;')
    );
    expect(result).toMatchObject({
      kind: 'syntax',
      diagnostic: { line: 3, message: 'Syntax Error? <x>', severity: 'error' }
    });
  });

  it('counts lines of text without @start from its own first line', () => {
    expect(answer('A -> -> B', errorPage(2, 'Bad'))).toMatchObject({
      diagnostic: { line: 1 }
    });
  });

  it('says in words that the recursion was too deep', () => {
    const result = answer(
      '@startmindmap\n* a\n@endmindmap',
      undefined,
      '(JavaScript) RangeError: Maximum call stack size exceeded'
    );
    expect(result).toMatchObject({
      kind: 'failed',
      diagnostic: { line: null, message: expect.stringContaining('too many') }
    });
  });

  it('does not take a picture that speaks of errors for one', () => {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg"><defs/><g><text fill="#FF0000">[From textarea (line 3) ]</text></g></svg>';
    expect(answer('@startuml\nA->B\n@enduml', svg).kind).toBe('picture');
  });

  it.each([
    'salt',
    'ditaa',
    'dot',
    'chen',
    'files',
    'git',
    'board',
    'wire',
    'hcl',
    'math',
    'latex',
    'sudoku'
  ])('says what could draw @start%s', type => {
    const result = answer(
      `@start${type}\nx\n@end${type}`,
      '<svg><text>Diagram not supported by this release of PlantUML</text></svg>'
    );
    expect(result).toMatchObject({
      kind: 'unsupported',
      diagnostic: { line: 1 }
    });
    expect(
      (result as { diagnostic: { message: string } }).diagnostic.message
    ).toMatch(/PlantUML server or the PlantUML jar/);
  });

  it('names a library that is missing', () => {
    const result = answer(
      '@startuml\n!include <awslib/AWSCommon>\n@enduml',
      errorPage(2, 'Cannot include')
    );
    expect(result).toMatchObject({
      kind: 'unsupported',
      diagnostic: { line: 2 }
    });
    expect(JSON.stringify(result)).toContain('<awslib>');
  });

  it('warns of formulas and of a missing end', () => {
    const result = answer(
      '@startuml\n:<math>x</math>;',
      '<svg><defs/><g></g></svg>'
    );
    expect(result).toMatchObject({
      kind: 'picture',
      warnings: [
        { severity: 'warning', line: 1 },
        { severity: 'warning', line: 2 }
      ]
    });
  });

  it('takes the Java class out of a failure', () => {
    expect(
      answer(
        '@startuml\n@enduml',
        undefined,
        'java.lang.IllegalStateException: too deep'
      )
    ).toMatchObject({ kind: 'syntax', diagnostic: { message: 'too deep' } });
  });
});

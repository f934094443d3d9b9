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
    pages.at(0)!,
    0,
    pages.length,
    trans
  );
}

describe('explain', () => {
  it('gives the line in the whole text and the message in plain characters', () => {
    const result = answer(
      'intro\n@startuml\nA -> -> B\n@enduml',
      errorPage(2, 'No such thing: &lt;x&gt;', 'No such thing: &lt;x&gt;')
    );
    expect(result).toMatchObject({
      kind: 'syntax',
      diagnostic: { line: 3, message: 'No such thing: <x>', severity: 'error' }
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

  it.each([
    [
      'Syntax Error? (Assumed diagram type: sequence)',
      'This line is not understood (read as: sequence diagram).'
    ],
    ['Syntax Error?', 'This line is not understood.'],
    [
      'cannot include foo.puml',
      'The file foo.puml cannot be included: the built-in engine reads no other files.'
    ],
    [
      'Cannot create group (Assumed diagram type: sequence)',
      'There is no open group here for this line to end.'
    ],
    ['Infinite loop?', 'This loop does not end.'],
    ['Something new', 'Something new']
  ])('says “%s” in words', (complaint, words) => {
    expect(
      answer('@startuml\nx\n@enduml', errorPage(2, complaint))
    ).toMatchObject({
      kind: 'syntax',
      diagnostic: { line: 2, message: words }
    });
  });

  it.each([
    ['java.lang.IllegalStateException: too deep', /failed: too deep$/],
    ['java.util.NoSuchElementException', /incomplete\.$/],
    ['(JavaScript) TypeError: x is null', /failed: x is null$/]
  ])('takes the class out of the failure %s', (error, words) => {
    expect(answer('@startuml\nx\n@enduml', undefined, error)).toMatchObject({
      kind: 'syntax',
      diagnostic: { line: null, message: expect.stringMatching(words) }
    });
  });

  it('says that data is not valid', () => {
    expect(
      answer(
        '@startjson\n{\n@endjson',
        '<svg><text>Your data does not sound like JSON data</text></svg>'
      )
    ).toMatchObject({
      diagnostic: { line: 2, message: 'This is not valid JSON.' }
    });
  });
});

describe('unclosed groups of a sequence diagram', () => {
  const sequence =
    '<svg><defs/><g><g><title>A</title><rect x="1" fill="none" stroke="none" stroke-width="0"/><line x1="1"/></g></g></svg>';
  const lines = (source: string, svg = sequence) =>
    (
      answer(`@startuml\n${source}\n@enduml`, svg) as {
        warnings: { line: number; message: string }[];
      }
    ).warnings.map(({ line }) => line);

  it('are reported at their line', () => {
    expect(lines('A -> B\nalt yes\nA -> B')).toEqual([3]);
    expect(lines('loop\nalt x\nA -> B\nelse\nA -> C\nend')).toEqual([2]);
    expect(lines('group one\npar\nA -> B')).toEqual([2, 3]);
  });

  it.each([
    'alt x\nA -> B\nelse y\nA -> C\nend',
    'loop\nA -> B\nend loop',
    'A -> B\nnote over A\nloop of text\nend note',
    "A -> B\n' alt in a comment",
    "/'\nalt\n'/\nA -> B",
    'legend\nopt\nend legend\nA -> B',
    'box\nparticipant A\nend box\nA -> B',
    'ref over A : loop\nA -> B',
    '!if $x\nalt a\n!endif\nA -> B',
    '$opened()\nalt a'
  ])('are not seen in %j', source => {
    expect(lines(source)).toEqual([]);
  });

  it('are a matter of sequence diagrams only', () => {
    expect(
      lines('[*] --> loop\nloop --> x', '<svg><defs/><g></g></svg>')
    ).toEqual([]);
  });
});

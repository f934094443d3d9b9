import { describe, expect, it } from 'vitest';
import { pageAt, splitPages } from '../blocks';

describe('splitPages', () => {
  it('finds nothing in blank text and comments', () => {
    expect([...splitPages('')]).toEqual([]);
    expect([...splitPages("\n  \n' only a comment\n")]).toEqual([]);
  });

  it('keeps the place of each block', () => {
    const pages = [
      ...splitPages(
        'hello\n@startuml\nA->B\n@enduml\n\n@startjson\n{}\n@endjson'
      )
    ];
    expect(pages.map(page => [page.type, page.firstLine])).toEqual([
      ['uml', 1],
      ['json', 5]
    ]);
    expect(pages[0]?.lines).toEqual(['@startuml', 'A->B', '@enduml']);
  });

  it('draws text without any @start', () => {
    const [page] = splitPages('A -> B');
    expect(page).toMatchObject({ firstLine: -1, bare: true });
    expect(page?.lines).toEqual(['@startuml', 'A -> B', '@enduml']);
  });

  it('closes what is not closed', () => {
    const pages = [...splitPages('@startuml\nA->B\n@startmindmap\n* x')];
    expect(pages.map(page => page.unclosed)).toEqual([true, true]);
    expect(pages[1]?.lines.at(-1)).toBe('@endmindmap');
  });

  it('splits pages without moving lines', () => {
    const source = [
      '@startuml',
      'participant A',
      'skinparam note {',
      '  BackgroundColor red',
      '}',
      'A -> B : one',
      'newpage Second',
      'B -> A : two',
      '@enduml'
    ].join('\n');
    const [one, two] = splitPages(source);
    expect(one?.lines).toHaveLength(9);
    expect(one?.lines.slice(6)).toEqual(['', '', '@enduml']);
    expect(two?.lines).toEqual([
      '@startuml',
      'participant A',
      'skinparam note {',
      '  BackgroundColor red',
      '}',
      '',
      'title Second',
      'B -> A : two',
      '@enduml'
    ]);
  });

  it('knows which page a line belongs to', () => {
    const source =
      '@startuml\nA->B\nnewpage\nB->A\n@enduml\n@startjson\n{}\n@endjson';
    expect([0, 1, 2, 3, 5, 6].map(line => pageAt(source, line))).toEqual([
      0, 0, 1, 1, 2, 2
    ]);
  });

  it('accepts every line break', () => {
    expect(splitPages('@startuml\r\nA->B\r@enduml').at(0)!.lines).toHaveLength(
      3
    );
  });
});

describe('a diagram that was only begun', () => {
  it.each([
    '@startuml\n\n@enduml\n',
    "@startuml\n' to be done\n@enduml",
    '@startuml'
  ])('%j is nothing to draw yet', source => {
    expect([...splitPages(source)]).toEqual([]);
  });

  it('keeps its place beside others', () => {
    expect(
      splitPages('@startuml\n@enduml\n@startuml\nA -> B\n@enduml')
    ).toHaveLength(2);
  });
});

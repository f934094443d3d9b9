/**
 * What reads users' texts costs no more than in proportion to their length:
 * each with its own worst case (tests/unit/test_linear.py has the server's).
 */
import { nullTranslator } from '@jupyterlab/translation';
import { EditorState } from '@codemirror/state';
import { describe, expect, it } from 'vitest';
import { plantumlLanguage } from '../../editor/plantuml';
import { opens } from '../../language/structure';
import { ARROW } from '../../language/keywords';
import { pageAt, splitPages, stripped } from '../../render/blocks';
import { diagnosePicture } from '../../render/diagnose';
import { unclosedGroups } from '../../render/unclosed';
import { missingType } from '../../render/unsupported';
import { failureInWords, inWords } from '../../render/wording';
import { blocks } from '../blocks';

const trans = nullTranslator.load('plant_together');
const ERROR =
  '<svg><defs/><g><text x="1" fill="#33FF02">PlantUML version </text>';

type Case = [
  name: string,
  call: (text: string) => unknown,
  text: (size: number) => string,
  size: number
];

const coloured = (text: string) => {
  const state = EditorState.create({ doc: text });
  return plantumlLanguage.parser.parse(state.doc.toString());
};

const CASES: Case[] = [
  ['pages', s => splitPages(s).at(0), n => 'newpage\n'.repeat(n), 2_000],
  ['all pages', s => [...splitPages(s)], n => 'newpage\n'.repeat(n), 1_000],
  [
    'blocks',
    s => [...splitPages(s)],
    n => '@startuml\nnewpage\n'.repeat(n),
    2_000
  ],
  ['a blank line', s => splitPages(s).at(0), n => ' '.repeat(n) + 'A', 20_000],
  [
    'spans',
    s => splitPages(s).at(0),
    n => 'newpage\nskinparam ' + '{ '.repeat(n) + 'x',
    10_000
  ],
  [
    'definitions',
    s => splitPages(s).at(0),
    n => 'newpage\n!' + 'final   '.repeat(n) + 'x',
    5_000
  ],
  [
    'the page of a line',
    s => pageAt(s, 1e9),
    n => 'newpage\n'.repeat(n),
    5_000
  ],
  ['blanks within', stripped, n => 'x  '.repeat(n), 20_000],
  [
    'complaints',
    diagnosePicture,
    n => ERROR + 'fill="#FF0000"'.repeat(n),
    2_000
  ],
  [
    'complaints without an end',
    diagnosePicture,
    n => ERROR + 'fill="#FF0000">'.repeat(n),
    2_000
  ],
  ['a place', diagnosePicture, n => ERROR + '>[From '.repeat(n), 5_000],
  [
    'assumed types',
    s => inWords(s, trans),
    n => '(Assumed diagram type: '.repeat(n) + ') '.repeat(n) + 'x',
    2_000
  ],
  [
    'assumed blanks',
    s => inWords(s, trans),
    n => 'x' + ' '.repeat(n) + 'x',
    10_000
  ],
  ['exceptions', s => failureInWords(s, trans), n => 'Error'.repeat(n), 10_000],
  [
    'a missing type',
    s => missingType('uml', ['', s]),
    n => ' '.repeat(n) + 'salt',
    20_000
  ],
  [
    'groups',
    s => unclosedGroups(s.split('\n')),
    n => 'alt x\nend' + ' '.repeat(n) + 'x\n',
    10_000
  ],
  ['what a line opens', opens, n => 'alt ' + '{  '.repeat(n) + 'x', 10_000],
  ['a note', opens, n => 'note ' + '"  '.repeat(n) + 'x', 10_000],
  ['dashes', s => ARROW.exec(s), n => '-'.repeat(n), 4_000],
  [
    'dashes and ways',
    s => ARROW.exec(s),
    n => '-l'.repeat(n) + '-'.repeat(n),
    4_000
  ],
  ['a line of dashes', coloured, n => 'A ' + '-'.repeat(n), 4_000],
  ['a line of brackets', coloured, n => 'A ' + '-['.repeat(n), 1_000],
  [
    'a line of stereotypes',
    coloured,
    n => 'A ' + '< <'.repeat(n) + '<<'.repeat(n),
    1_000
  ],
  ['a line of links', coloured, n => 'A ' + '[['.repeat(n), 1_000],
  ['a line of digits', coloured, n => 'A ' + '1'.repeat(n) + 'x', 2_500],
  ['a line of calls', coloured, n => 'A ' + '%a'.repeat(n), 2_000],
  ['a line of headings', coloured, n => '=='.repeat(n) + ' x', 2_000]
];

describe('the cost is in proportion', () => {
  it.each(CASES)('of %s', (_, call, text, size) => {
    let before = cost(call, text(size));
    for (const factor of [2, 4]) {
      let after = cost(call, text(factor * size));
      // A busy machine's caches are others': measured again.
      for (let i = 0; i < 3 && after > 3 * before && after < 1_000; i++) {
        before = Math.max(before, cost(call, text((factor * size) / 2)));
        after = Math.min(after, cost(call, text(factor * size)));
      }
      expect(after).toBeLessThanOrEqual(3 * before);
      before = after;
    }
  });
});

/** Milliseconds of CPU: the least of a few tries, never less than counts. */
function cost(call: (text: string) => unknown, text: string): number {
  let least = Infinity;
  for (let i = 0; i < 4 && !(i && least > 1_000); i++) {
    const begin = process.cpuUsage();
    call(text);
    const { user, system } = process.cpuUsage(begin);
    least = Math.min(least, (user + system) / 1_000);
  }
  return Math.max(least, 2);
}

it('the pages of a text are bounded', () => {
  const source = 'A -> B\nnewpage\n'.repeat(1_000);
  expect(splitPages(source)).toHaveLength(blocks.pagesAtMost);
  expect([...splitPages(source)]).toHaveLength(blocks.pagesAtMost);
  expect(splitPages(source).at(blocks.pagesAtMost)).toBeUndefined();
});

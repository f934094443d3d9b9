import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';
import { label, peopleOf, userOf } from '../people';

describe('people', () => {
  const trans = nullTranslator.load('');
  const ada = { username: 'ada', display_name: 'Ada Lovelace' };

  it('are one for each user and kind, without this page', () => {
    const states = new Map([
      [1, { user: ada }],
      [2, { user: ada }],
      [3, { user: ada, cursor: { anchor: {}, head: {} } }],
      [4, { user: { ...ada, kind: 'notebook' as const } }],
      [5, { user: { username: 'ben' } }],
      [6, {}]
    ]);
    const people = peopleOf(states, 1);
    expect(
      people.map(({ key, clients, self }) => [key, clients, self])
    ).toEqual([
      ['browser:ada', [3, 2], true],
      ['notebook:ada', [4], true],
      ['browser:ben', [5], false]
    ]);
    expect(people.map(({ user }) => label(user, trans))).toEqual([
      'Ada Lovelace',
      'Ada Lovelace · notebook',
      'ben'
    ]);
  });

  it('are called by the name that the server stamped', () => {
    const user = userOf({
      user: { ...ada, display_name: 'Ada · notebook', kind: 'notebook' }
    })!;
    expect(label(user, trans)).toBe('Ada · notebook');
  });

  it('take no colour that is not one', () => {
    expect(userOf({ user: { ...ada, color: 'url(x)' } })?.color).toBe(
      '#808080'
    );
  });
});

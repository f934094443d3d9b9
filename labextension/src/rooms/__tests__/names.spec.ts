import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';
import { segment } from '../api';
import {
  allowedName,
  freeName,
  localPathOf,
  parsePath,
  sameName,
  withExtension
} from '../paths';
import { initialsOf, label, peopleOf, readableOn, userOf } from '../people';
import { Uploads } from '../uploads';

describe('paths', () => {
  it('split into room and document, in NFC', () => {
    expect(parsePath('')).toEqual({ kind: 'root' });
    expect(parsePath('design/')).toEqual({ kind: 'room', room: 'design' });
    expect(parsePath('/u\u0308/a.puml')).toEqual({
      kind: 'document',
      room: 'ü',
      name: 'a.puml'
    });
    expect(parsePath('a/b/c')).toEqual({ kind: 'beyond' });
    expect(localPathOf('Rooms:a/b.puml')).toBe('a/b.puml');
    expect(localPathOf('a/b.puml')).toBeNull();
  });

  it('compare names as the server does', () => {
    expect(sameName('Straße', 'STRASSE')).toBe(true);
    expect(sameName('u\u0308ber', 'Über')).toBe(true);
    expect(sameName('a', 'b')).toBe(false);
  });

  it('find a name that is free', () => {
    expect(freeName('a.puml', [])).toBe('a.puml');
    expect(freeName('a.puml', ['A.puml', 'a 2.puml'])).toBe('a 3.puml');
    expect(freeName('room', ['room'])).toBe('room 2');
  });

  it('make foreign names acceptable', () => {
    expect(withExtension('login')).toBe('login.puml');
    expect(withExtension('login.wsd')).toBe('login.wsd');
    expect(allowedName(' a/b:c?.puml ')).toBe('a-b-c-.puml');
    expect(allowedName('..')).toBe('diagram');
    expect(allowedName('図😀.puml')).toBe('図-.puml');
  });

  it('become segments of an address', () => {
    expect(segment('a b/ü')).toBe('a%20b%2F%C3%BC');
    const id = '~d_' + 'a'.repeat(26);
    expect(segment(id)).toBe(id);
    expect(segment('~d_short')).toBe('~d_short');
  });
});

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
    expect(readableOn('#ffff00')).toBe('#000000');
    expect(readableOn('#003080')).toBe('#ffffff');
  });

  it('have initials', () => {
    expect(initialsOf('ada king lovelace')).toBe('AL');
    expect(initialsOf('ben')).toBe('B');
    expect(initialsOf('😀 x')).toBe('😀X');
  });
});

describe('Uploads', () => {
  const base64 = (...bytes: number[]) => btoa(String.fromCharCode(...bytes));

  it('join chunks whose border cuts a character', () => {
    const uploads = new Uploads();
    const take = (chunk: number, content: string) =>
      uploads.take('r/a.puml', { format: 'base64', chunk, content });
    expect(
      take(1, base64(0xef, 0xbb, 0xbf, 0x61, 0x0d, 0x0a, 0xc3))
    ).toBeNull();
    expect(take(-1, base64(0xbc))).toBe('a\nü');
  });

  it('refuse what is no text', () => {
    const take = (content: string) => () =>
      new Uploads().take('r/a', { format: 'base64', content });
    expect(take(base64(0xff, 0xfe))).toThrow();
    expect(take(base64(0x61, 0x00))).toThrow();
  });
});

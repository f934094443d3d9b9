import { describe, expect, it } from 'vitest';
import { segment } from '../api';
import { allowedName, freeName, sameName, withExtension } from '../names';

describe('names', () => {
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

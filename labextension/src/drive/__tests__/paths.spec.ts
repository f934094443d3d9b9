import { describe, expect, it } from 'vitest';
import { localPathOf, parsePath } from '../paths';
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

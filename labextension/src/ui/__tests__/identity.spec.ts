import { describe, expect, it } from 'vitest';
import { colorOf, initialsOf, readableOn } from '../identity';

describe('colorOf', () => {
  // Made by the server's `color_of`.
  it.each([
    ['ada', '#b1252c'],
    ['ben', '#25b15f'],
    ['zoë', '#b1a625'],
    ['a-user-with-a-very-long-name', '#45b125'],
    ['שלום', '#5025b1'],
    ['😀', '#b12559']
  ])('gives %s the colour of their caret', (who, color) => {
    expect(colorOf(who)).toBe(color);
  });
});

describe('people', () => {
  it('have initials', () => {
    expect(initialsOf('ada king lovelace')).toBe('AL');
    expect(initialsOf('ben')).toBe('B');
    expect(initialsOf('😀 x')).toBe('😀X');
  });

  it('can be read on their colour', () => {
    expect(readableOn('#ffff00')).toBe('#000000');
    expect(readableOn('#003080')).toBe('#ffffff');
  });
});

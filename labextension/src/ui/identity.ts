/**
 * How a person is shown: initials, a colour, and what can be read on it.
 */
import { digest } from 'lib0/hash/sha256';

const LIGHTNESS = 0.42;
const SATURATION = 0.65;

/**
 * The colour of a subject where they are not here, always the same and legible
 * under white text: the server's own rule (`color_of`), so that it is the
 * colour of their caret.
 */
export function colorOf(who: string): string {
  const [high = 0, low = 0] = digest(new TextEncoder().encode(who));
  return hslColor((high * 256 + low) / 65_536);
}

function hslColor(hue: number): string {
  const upper = LIGHTNESS * (1 + SATURATION);
  const lower = 2 * LIGHTNESS - upper;
  const channel = (turn: number) => {
    const h = (turn + 1) % 1;
    const value =
      h < 1 / 6
        ? lower + (upper - lower) * h * 6
        : h < 1 / 2
          ? upper
          : h < 2 / 3
            ? lower + (upper - lower) * (2 / 3 - h) * 6
            : lower;
    return Math.round(value * 255)
      .toString(16)
      .padStart(2, '0');
  };
  return `#${channel(hue + 1 / 3)}${channel(hue)}${channel(hue - 1 / 3)}`;
}

/** The first letters of the first and the last word. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/u);
  return [words.at(0), words.length > 1 ? words.at(-1) : '']
    .map(word => Array.from(word ?? '')[0] ?? '')
    .join('')
    .toUpperCase();
}

/**
 * Black or white, whichever is easier to read on `color`, by WCAG contrast.
 */
export function readableOn(color: string): '#000000' | '#ffffff' {
  const channel = (at: number) => {
    const value = parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const luminance =
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  return luminance > 0.179 ? '#000000' : '#ffffff';
}

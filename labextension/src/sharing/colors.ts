/**
 * A person's colour where they are not here: the server's own rule
 * (`color_of`), so that it is the colour of their caret.
 */
import { digest } from 'lib0/hash/sha256';

const LIGHTNESS = 0.42;
const SATURATION = 0.65;

/** The colour of a subject, always the same, legible under white text. */
export function colorOf(who: string): string {
  const [high, low] = digest(new TextEncoder().encode(who));
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

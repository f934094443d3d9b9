/** Times in words: "3 days ago", "in 2 hours". */

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1]
];

/**
 * How far a time is from now, in the language of the page.
 *
 * Lab's own formatter takes next week for next year.
 */
export function when(time: string, now: number, language?: string): string {
  const seconds = (new Date(time).getTime() - now) / 1000;
  const format = new Intl.RelativeTimeFormat(
    language ?? (document.documentElement.lang || 'en'),
    { numeric: 'auto' }
  );
  const size = Math.abs(seconds);
  const [unit, length] =
    STEPS.find(([, step]) => size >= step) ?? STEPS[STEPS.length - 1];
  return format.format(Math.round(seconds / length), unit);
}

/** Times in words: "3 days ago", "in 2 hours". */

type Step = readonly [Intl.RelativeTimeFormatUnit, number];

const SECOND: Step = ['second', 1];
const STEPS: readonly Step[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  SECOND
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
  const [unit, length] = STEPS.find(([, step]) => size >= step) ?? SECOND;
  return format.format(Math.round(seconds / length), unit);
}

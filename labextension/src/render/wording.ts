/**
 * The engine's complaints in the words of people. It speaks of its own parts
 * ("Assumed diagram type", Java classes); what is not known here is passed on.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

const ASSUMED = /\s*\(Assumed diagram type: (.*?)\)\s*$/;

/** Complaints with the sentences for them; `$1` of the pattern is `%1`. */
const KNOWN: [RegExp, (trans: TranslationBundle, about: string) => string][] = [
  [
    /^cannot include (.*)$/i,
    (trans, about) =>
      trans.__(
        'The file %1 cannot be included: the built-in engine reads no other files.',
        about
      )
  ],
  [
    /^Unknown built-in function (.*)$/i,
    (trans, about) => trans.__('There is no built-in function %1.', about)
  ],
  [
    /^Function not found (.*)$/i,
    (trans, about) =>
      trans.__(
        'There is no procedure or function %1 that takes these arguments.',
        about
      )
  ],
  [/^Infinite loop\?$/i, trans => trans.__('This loop does not end.')],
  [
    /^Nowhere to return to\.?$/i,
    trans =>
      trans.__('Nobody is active here, so there is nothing to return to.')
  ],
  [
    /^Cannot create group$/i,
    trans => trans.__('There is no open group here for this line to end.')
  ],
  [
    /^Use 'allowmixing' /i,
    trans =>
      trans.__(
        'A class diagram takes no other elements: write “allowmixing” in a line at the top to mix them.'
      )
  ]
];

/** What an error page says, as a sentence. */
export function inWords(complaint: string, trans: TranslationBundle): string {
  const assumed = ASSUMED.exec(complaint);
  const message = complaint.replace(ASSUMED, '').trim();
  if (/^Syntax Error\?$/i.test(message)) {
    return assumed
      ? trans.__(
          'This line is not understood (read as: %1 diagram).',
          assumed[1]
        )
      : trans.__('This line is not understood.');
  }
  for (const [pattern, sentence] of KNOWN) {
    const match = pattern.exec(message);
    if (match) {
      return sentence(trans, match[1] ?? '');
    }
  }
  return message;
}

/** An exception of the engine, as a sentence. */
export function failureInWords(
  error: string,
  trans: TranslationBundle
): string {
  const said = error
    .replace(
      /^(?:\(JavaScript\) )?(?:(?:java|net)\.[\w.$]+|\w*Error)(?:: ?|$)/,
      ''
    )
    .trim();
  return said
    ? trans.__('The drawing engine failed: %1', said)
    : trans.__(
        'The drawing engine cannot make sense of this text; something in it is probably incomplete.'
      );
}

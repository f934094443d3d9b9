/**
 * The engine's complaints in the words of people (rendering/text/wording.py is its
 * twin). It speaks of its own parts ("Assumed diagram type", Java classes);
 * what is not known is passed on.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { answers } from '../shared/answers';
import { sentences } from '../shared/sentences';
import { stripped } from './blocks';

const { assumed, exception, notUnderstood } = answers.patterns;

/** What an error page says, as a sentence. */
export function inWords(complaint: string, trans: TranslationBundle): string {
  const [, said, type] = assumed.exec(complaint) ?? [];
  const message = stripped(said ?? complaint);
  if (notUnderstood.test(message)) {
    return type !== undefined
      ? sentences.notUnderstoodAs(trans, type)
      : sentences.notUnderstood(trans);
  }
  for (const { pattern, sentence } of answers.complaints) {
    const match = pattern.exec(message);
    if (match) {
      return sentences[sentence](trans, match[1] ?? '');
    }
  }
  return message;
}

/** An exception of the engine, as a sentence. */
export function failureInWords(
  error: string,
  trans: TranslationBundle
): string {
  const said = stripped(error.replace(exception, ''));
  return said
    ? sentences.engineFailed(trans, said)
    : sentences.engineLost(trans);
}

/**
 * The words in which a session's status is told.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { wire } from '../shared/wire';
import { accessWords } from '../server/access';
import type { Access } from '../server/access';
import type { ISessionStatus } from './status';

/** A few words for the status bar, and the sentences behind them. */
export interface IStatusWords {
  text: string;
  detail: string;
  tone: 'good' | 'busy' | 'warn' | 'bad' | 'quiet';
}

/**
 * @param access How things stand where the rooms are: for whom the connection
 * fails, the reason and what to do.
 */
export function statusWords(
  status: ISessionStatus,
  trans: TranslationBundle,
  access: Access = 'ok'
): IStatusWords {
  const words = reasoned(status, trans, access);
  const lacksCopy = status.copies === 'impossible' && status.kind !== 'ended';
  return lacksCopy
    ? {
        ...words,
        text: trans.__('%1 (no offline copy)', words.text),
        detail: [
          words.detail,
          trans.__(
            'This browser keeps no offline copy: without a connection, what you type lives only in this tab.'
          )
        ].join('\n')
      }
    : words;
}

function reasoned(
  status: ISessionStatus,
  trans: TranslationBundle,
  access: Access
): IStatusWords {
  const words = plainWords(status, trans);
  const reason = accessWords(access, trans);
  if (!reason || (status.kind !== 'signed-out' && status.kind !== 'offline')) {
    return words;
  }
  // How much is kept stays in view; whom it concerns reads on.
  const isTold = status.kind === 'offline' && (status.pending || status.kept);
  return {
    text: isTold ? words.text : reason.text,
    detail: [reason.detail, keptSentence(status, trans)].join('\n'),
    tone: words.tone
  };
}

function plainWords(
  status: ISessionStatus,
  trans: TranslationBundle
): IStatusWords {
  switch (status.kind) {
    case 'connecting':
      return {
        text: status.kept
          ? trans.__('Connecting, changes kept')
          : trans.__('Connecting…'),
        detail: trans.__('Connecting to the room.'),
        tone: 'busy'
      };
    case 'saved':
      return {
        text: trans.__('Saved'),
        detail: trans.__(
          'Everything is on the server, safe also if it stops now.'
        ),
        tone: 'good'
      };
    case 'saving':
      return {
        text: trans.__('Saving…'),
        detail: trans.__('The server has not yet confirmed the last changes.'),
        tone: 'busy'
      };
    case 'trouble':
      return {
        text: status.pending
          ? trans._n(
              'Not saved, %1 change kept',
              'Not saved, %1 changes kept',
              status.pending
            )
          : trans.__('Server cannot save'),
        detail: [status.trouble ?? '', keptSentence(status, trans)].join('\n'),
        tone: 'bad'
      };
    case 'read-only':
      return {
        text: trans.__('Read only'),
        detail: trans.__('You may look at this document, not change it.'),
        tone: 'quiet'
      };
    case 'signed-out':
      return {
        text: trans.__('Signed out'),
        detail: [
          trans.__(
            'Your sign-in has lapsed. Sign in again in another tab, or reload.'
          ),
          keptSentence(status, trans)
        ].join('\n'),
        tone: 'bad'
      };
    case 'offline':
      return {
        text: status.pending
          ? trans._n(
              'Offline, %1 change kept',
              'Offline, %1 changes kept',
              status.pending
            )
          : status.kept
            ? trans.__('Offline, changes kept')
            : trans.__('Offline'),
        detail: [
          trans.__('The server cannot be reached; you can go on.'),
          keptSentence(status, trans)
        ].join('\n'),
        tone: 'warn'
      };
    case 'ended':
      return endedWords(status, trans);
  }
}

function keptSentence(
  status: ISessionStatus,
  trans: TranslationBundle
): string {
  if (!status.pending && !status.kept) {
    return trans.__('Nothing of yours is unsaved.');
  }
  return status.copies === 'kept'
    ? trans.__(
        'Your changes are kept in this browser and go out by themselves, also after a reload.'
      )
    : trans.__('Your changes go out by themselves; do not close this tab.');
}

function endedWords(
  status: ISessionStatus,
  trans: TranslationBundle
): IStatusWords {
  switch (status.end?.code) {
    case wire.closeCodes.notFound:
      return {
        text: trans.__('Deleted'),
        detail: trans.__('Somebody deleted this document.'),
        tone: 'bad'
      };
    case wire.closeCodes.accessDenied:
      return {
        text: trans.__('No access'),
        detail: trans.__('You may no longer see or change this document.'),
        tone: 'bad'
      };
    default:
      return {
        text: trans.__('Stopped'),
        detail: trans.__(
          'This tab no longer follows the document; open it again.'
        ),
        tone: 'bad'
      };
  }
}

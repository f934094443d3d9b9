/**
 * The words in which a session's status is told.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { wire } from '../shared/wire';
import { accessText } from '../server/access';
import type { Access } from '../server/access';
import type { ISessionStatus } from './status';

/** A few words for the status bar, and the sentences behind them. */
export interface IStatusText {
  text: string;
  detail: string;
  tone: 'good' | 'busy' | 'warn' | 'bad' | 'quiet';
}

/**
 * @param access How things stand where the rooms are: for whom the connection
 * fails, the reason and what to do.
 */
export function statusText(
  status: ISessionStatus,
  trans: TranslationBundle,
  access: Access = 'ok'
): IStatusText {
  const told = withReason(status, trans, access);
  const lacksCopy = status.copies === 'unavailable' && status.kind !== 'ended';
  return lacksCopy
    ? {
        ...told,
        text: trans.__('%1 (no offline copy)', told.text),
        detail: [
          told.detail,
          trans.__(
            'This browser keeps no offline copy: without a connection, what you type lives only in this tab.'
          )
        ].join('\n')
      }
    : told;
}

function withReason(
  status: ISessionStatus,
  trans: TranslationBundle,
  access: Access
): IStatusText {
  const told = plainText(status, trans);
  const reason = accessText(access, trans);
  if (!reason || (status.kind !== 'signed-out' && status.kind !== 'offline')) {
    return told;
  }
  // How much is kept stays in view; whom it concerns reads on.
  const isTold =
    status.kind === 'offline' && (status.pending || status.leftover);
  return {
    text: isTold ? told.text : reason.text,
    detail: [reason.detail, unsavedText(status, trans)].join('\n'),
    tone: told.tone
  };
}

function plainText(
  status: ISessionStatus,
  trans: TranslationBundle
): IStatusText {
  switch (status.kind) {
    case 'connecting':
      return {
        text: status.leftover
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
    case 'outage':
      return {
        text: status.pending
          ? trans._n(
              'Not saved, %1 change kept',
              'Not saved, %1 changes kept',
              status.pending
            )
          : trans.__('Server cannot save'),
        detail: [status.outage ?? '', unsavedText(status, trans)].join('\n'),
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
          unsavedText(status, trans)
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
          : status.leftover
            ? trans.__('Offline, changes kept')
            : trans.__('Offline'),
        detail: [
          trans.__('The server cannot be reached; you can go on.'),
          unsavedText(status, trans)
        ].join('\n'),
        tone: 'warn'
      };
    case 'ended':
      return endedText(status, trans);
  }
}

function unsavedText(status: ISessionStatus, trans: TranslationBundle): string {
  if (!status.pending && !status.leftover) {
    return trans.__('Nothing of yours is unsaved.');
  }
  return status.copies === 'stored'
    ? trans.__(
        'Your changes are kept in this browser and go out by themselves, also after a reload.'
      )
    : trans.__('Your changes go out by themselves; do not close this tab.');
}

function endedText(
  status: ISessionStatus,
  trans: TranslationBundle
): IStatusText {
  switch (status.end?.code) {
    case wire.closeCodes.notFound:
      return status.end?.refused
        ? {
            text: trans.__('Not there any more'),
            detail: trans.__(
              'This document was deleted, or you may no longer see it.'
            ),
            tone: 'bad'
          }
        : {
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

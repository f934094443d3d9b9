/**
 * Whether this browser is let in where the rooms are, and how that is told.
 *
 * A Jupyter server of one's own lets its page in. A hub's gateway knows the
 * user by cookies of its own, so there a page may have to sign in, be refused,
 * or find nobody. Each state has a sentence that says what to do, for the
 * status item, the list of rooms and the messages of errors.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

export type Access =
  /** Not asked yet, or being asked. */
  | 'unknown'
  | 'ok'
  /** The hub wants to be shown a password: only a window can do that. */
  | 'sign-in'
  /** The hub does not let this user use the rooms. */
  | 'refused'
  /** The gateway answers, the hub that tells it who we are does not. */
  | 'hub-away'
  /** Nobody answers at the gateway's address. */
  | 'unreachable';

/** A few words, and the sentences behind them. */
export interface IAccessText {
  text: string;
  detail: string;
}

/** What is told of a state; `null` where all is well. */
export function accessText(
  access: Access,
  trans: TranslationBundle
): IAccessText | null {
  switch (access) {
    case 'unknown':
    case 'ok':
      return null;
    case 'sign-in':
      return {
        text: trans.__('Sign in to the rooms'),
        detail: trans.__(
          'The rooms do not know who you are: sign in with the button in Rooms or the command “Sign In to Rooms”.'
        )
      };
    case 'refused':
      return {
        text: trans.__('No access to the rooms'),
        detail: trans.__(
          'The hub does not let you use the rooms: ask whoever runs the hub for access.'
        )
      };
    case 'hub-away':
      return {
        text: trans.__('Hub does not answer'),
        detail: trans.__(
          'The hub, which tells the rooms who you are, does not answer: wait, it goes on by itself.'
        )
      };
    case 'unreachable':
      return {
        text: trans.__('Rooms cannot be reached'),
        detail: trans.__(
          'The gateway to the rooms does not answer: wait, it goes on by itself. If it lasts, tell whoever runs the hub.'
        )
      };
  }
}

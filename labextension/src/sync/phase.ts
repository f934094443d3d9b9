/** Where a connection can stand, and how it can end. */

/** Where a connection stands. */
export type Phase =
  /** Not yet known whether the server answers. */
  | 'connecting'
  /** Open; the server's content is here. */
  | 'synced'
  /** Nobody answers; the provider goes on trying. */
  | 'away'
  /** The sign-in has lapsed: no use in trying before it is renewed. */
  | 'signed-out'
  /** Over for good, see `ended`. */
  | 'ended';

/** Why a connection is over: one of the 44xx codes. */
export interface IEnd {
  code: number;
  reason: string;
  /** We were not let in (again), so that nothing of it was seen to happen. */
  refused?: boolean;
}

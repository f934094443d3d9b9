/**
 * What a person is told about their text, as data (PROTOCOL A7).
 */
import type { CopyState } from '../offline/copies';
import type { IEnd, Phase } from './phase';

export type StatusKind =
  | 'connecting'
  | 'saved'
  | 'saving'
  | 'outage'
  | 'offline'
  | 'read-only'
  | 'signed-out'
  | 'ended';

export interface ISessionStatus {
  kind: StatusKind;
  /** Edits made here that the server has not acknowledged. */
  pending: number;
  /** Edits of an earlier page, of unknown number, may be unsent. */
  leftover: boolean;
  /** Whether this browser keeps a copy of the document. */
  copies: CopyState;
  /** Why the server cannot save, for `outage`. */
  outage: string | null;
  /** Why it is over, for `ended`. */
  end: IEnd | null;
  /** Whether this user may only look. */
  viewer: boolean;
}

/** Before anything is known. */
export const FIRST_STATUS: ISessionStatus = {
  kind: 'connecting',
  pending: 0,
  leftover: false,
  copies: 'off',
  outage: null,
  end: null,
  viewer: false
};

/** What the status follows from. */
export interface IStatusFacts {
  phase: Phase;
  end: IEnd | null;
  saved: boolean;
  unsent: boolean;
  pending: number;
  leftover: boolean;
  copies: CopyState;
  outage: string | null;
  viewer: boolean;
}

/** The one place that decides what is said. */
export function sessionStatus(facts: IStatusFacts): ISessionStatus {
  const { pending, leftover, copies, outage, end, viewer } = facts;
  const kind = kindOf(facts);
  return { kind, pending, leftover, copies, outage, end, viewer };
}

function kindOf(facts: IStatusFacts): StatusKind {
  switch (facts.phase) {
    case 'ended':
      return 'ended';
    case 'signed-out':
      return 'signed-out';
    case 'away':
      return 'offline';
    case 'connecting':
      return 'connecting';
    case 'synced':
      if (facts.outage !== null) {
        return 'outage';
      }
      if (!facts.saved || facts.unsent) {
        return 'saving';
      }
      return facts.viewer ? 'read-only' : 'saved';
  }
}

/** Whether two statuses say the same. */
export function sameStatus(a: ISessionStatus, b: ISessionStatus): boolean {
  return (
    a.kind === b.kind &&
    a.pending === b.pending &&
    a.leftover === b.leftover &&
    a.copies === b.copies &&
    a.outage === b.outage &&
    a.end === b.end &&
    a.viewer === b.viewer
  );
}

/**
 * What a person is told about their text, as data (PROTOCOL A7).
 */
import type { CopyState } from '../offline/copies';
import type { IEnd, Phase } from './phase';

export type StatusKind =
  | 'connecting'
  | 'saved'
  | 'saving'
  | 'trouble'
  | 'offline'
  | 'read-only'
  | 'signed-out'
  | 'ended';

export interface ISessionStatus {
  kind: StatusKind;
  /** Edits made here that the server has not acknowledged. */
  pending: number;
  /** Edits of an earlier page, of unknown number, may be unsent. */
  kept: boolean;
  /** Whether this browser keeps a copy of the document. */
  copies: CopyState;
  /** Why the server cannot save, for `trouble`. */
  trouble: string | null;
  /** Why it is over, for `ended`. */
  end: IEnd | null;
}

/** Before anything is known. */
export const FIRST_STATUS: ISessionStatus = {
  kind: 'connecting',
  pending: 0,
  kept: false,
  copies: 'off',
  trouble: null,
  end: null
};

/** What the status follows from. */
export interface IStatusFacts {
  phase: Phase;
  end: IEnd | null;
  saved: boolean;
  unsent: boolean;
  pending: number;
  kept: boolean;
  copies: CopyState;
  trouble: string | null;
  viewer: boolean;
}

/** The one place that decides what is said. */
export function sessionStatus(facts: IStatusFacts): ISessionStatus {
  const { pending, kept, copies, trouble, end } = facts;
  return { kind: kindOf(facts), pending, kept, copies, trouble, end };
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
      if (facts.trouble !== null) {
        return 'trouble';
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
    a.kept === b.kept &&
    a.copies === b.copies &&
    a.trouble === b.trouble &&
    a.end === b.end
  );
}

/**
 * Where other people's carets are: an editor's state field, filled from
 * awareness.
 *
 * Relative positions are made absolute when presence changes; between two such
 * times they are mapped through the changes of the text like any position.
 */
import type { Text } from '@codemirror/state';
import { StateEffect, StateField } from '@codemirror/state';
import * as Y from 'yjs';
import type { IPresenceUser } from '../server/api';
import type { RoomFile } from '../sync/sharedmodel';
import type { IPresenceState } from './people';
import { userOf } from './people';

/** Somebody's caret at absolute positions. */
export interface IRemoteCursor {
  client: number;
  user: IPresenceUser;
  anchor: number;
  head: number;
  /** Raised each time they move; a shown name fades some time after. */
  moved: number;
}

/** Presence changed: these are all cursors. */
export const setRemoteCursors = StateEffect.define<IRemoteCursor[]>();

/** The cursors to draw. */
export const remoteCursors = StateField.define<IRemoteCursor[]>({
  create: () => [],
  update: (cursors, transaction) => {
    for (const effect of transaction.effects) {
      if (effect.is(setRemoteCursors)) {
        return effect.value;
      }
    }
    if (!transaction.docChanged || cursors.length === 0) {
      return cursors;
    }
    return cursors.map(cursor => ({
      ...cursor,
      anchor: transaction.changes.mapPos(cursor.anchor, 1),
      head: transaction.changes.mapPos(cursor.head, 1)
    }));
  }
});

/** The absolute position of a relative one, inside of the editor's text. */
function absolute(json: unknown, model: RoomFile, text: Text): number | null {
  try {
    const position = Y.createAbsolutePositionFromRelativePosition(
      Y.createRelativePositionFromJSON(json),
      model.ydoc
    );
    return position && position.type === model.ysource
      ? Math.min(position.index, text.length)
      : null;
  } catch {
    return null; // Not a relative position: somebody else's client.
  }
}

/**
 * The cursors of a document's awareness.
 *
 * @param before The cursors drawn now; who did not move keeps their `moved`.
 */
export function readCursors(
  model: RoomFile,
  text: Text,
  before: readonly IRemoteCursor[]
): IRemoteCursor[] {
  const cursors: IRemoteCursor[] = [];
  for (const [client, state] of model.awareness.getStates() as Map<
    number,
    IPresenceState
  >) {
    const user = userOf(state);
    if (client === model.ydoc.clientID || !user || !state.cursor) {
      continue;
    }
    const anchor = absolute(state.cursor.anchor, model, text);
    const head = absolute(state.cursor.head, model, text);
    if (anchor === null || head === null) {
      continue;
    }
    const old = before.find(cursor => cursor.client === client);
    const still = old?.anchor === anchor && old.head === head;
    const moved = still ? old.moved : (old?.moved ?? 0) + 1;
    cursors.push({ client, user, anchor, head, moved });
  }
  return cursors;
}

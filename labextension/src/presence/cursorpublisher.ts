/**
 * Between an editor and presence: tells others where the caret is, and the
 * editor where theirs are.
 *
 * A caret that moves with every key is told at most ten times a second, the
 * last place always; presence that arrives in a burst is drawn once a frame.
 * Without focus the last place stays, so that a person who draws in the
 * preview or reads elsewhere does not vanish from the text.
 */
import type { Extension } from '@codemirror/state';
import type { PluginValue, ViewUpdate } from '@codemirror/view';
import { EditorView, ViewPlugin } from '@codemirror/view';
import { Throttler } from '@lumino/polling';
import * as Y from 'yjs';
import type { RoomFile } from '../sync/sharedmodel';
import { readCursors, remoteCursors, setRemoteCursors } from './cursorstate';

const PUBLISH_INTERVAL = 100;

/** What awareness says has changed: client ids. */
interface IAwarenessChanges {
  added: number[];
  updated: number[];
  removed: number[];
}

class Publisher implements PluginValue {
  constructor(
    private readonly _view: EditorView,
    private readonly _model: RoomFile
  ) {
    this._throttled = new Throttler(() => this._publish(), {
      limit: PUBLISH_INTERVAL,
      edge: 'trailing'
    });
    _model.awareness.on('change', this._onPresence);
    this._onPresence();
  }

  update(update: ViewUpdate): void {
    if (update.selectionSet || update.docChanged || update.focusChanged) {
      void this._throttled.invoke().catch(() => undefined);
    }
  }

  destroy(): void {
    this._destroyed = true;
    this._model.awareness.off('change', this._onPresence);
    this._throttled.dispose();
    cancelAnimationFrame(this._frame);
  }

  private _publish(): void {
    const { awareness, ysource } = this._model;
    const state = awareness.getLocalState();
    if (this._destroyed || this._model.isDisposed || !state) {
      return;
    }
    if (!this._view.hasFocus) {
      return;
    }
    const { anchor, head } = this._view.state.selection.main;
    const cursor = {
      anchor: Y.createRelativePositionFromTypeIndex(ysource, anchor),
      head: Y.createRelativePositionFromTypeIndex(ysource, head)
    };
    const before = state.cursor as typeof cursor | undefined;
    if (
      !before ||
      !Y.compareRelativePositions(before.anchor, cursor.anchor) ||
      !Y.compareRelativePositions(before.head, cursor.head)
    ) {
      awareness.setLocalStateField('cursor', cursor);
    }
  }

  private _onPresence = (changes?: IAwarenessChanges): void => {
    const own = this._model.ydoc.clientID;
    if (
      changes &&
      Object.values(changes)
        .flat()
        .every(id => id === own)
    ) {
      return;
    }
    // Never inside of an update of the view: awareness may change from one.
    cancelAnimationFrame(this._frame);
    this._frame = requestAnimationFrame(() => {
      if (this._destroyed) {
        return;
      }
      const { state } = this._view;
      const cursors = readCursors(
        this._model,
        state.doc,
        state.field(remoteCursors)
      );
      this._view.dispatch({ effects: setRemoteCursors.of(cursors) });
    });
  };

  private _destroyed = false;
  private _frame = 0;
  private readonly _throttled: Throttler;
}

/** Publish the caret of an editor, and draw those of others in it. */
export function presencePublisher(model: RoomFile): Extension {
  return ViewPlugin.define(view => new Publisher(view, model));
}

/** Bring somebody's caret into view. */
export function revealCursor(view: EditorView, client: number): boolean {
  const cursor = view.state
    .field(remoteCursors, false)
    ?.find(candidate => candidate.client === client);
  if (!cursor) {
    return false;
  }
  view.dispatch({
    effects: [
      EditorView.scrollIntoView(cursor.head, { y: 'center' }),
      setRemoteCursors.of(
        view.state
          .field(remoteCursors)
          .map(other =>
            other === cursor ? { ...other, moved: other.moved + 1 } : other
          )
      )
    ]
  });
  return true;
}

/**
 * Other people's carets and selections in an editor.
 *
 * Positions travel as Yjs relative positions in awareness (the shape that
 * y-codemirror.next writes: `cursor: {anchor, head}`), so they stay with their
 * text whatever is edited. They are drawn in two CodeMirror layers, selections
 * behind the text and carets above it: nothing of ours is in the text's own
 * flow, so lines neither move nor wrap anew.
 */
import type { Extension } from '@codemirror/state';
import { EditorSelection, StateField } from '@codemirror/state';
import type { EditorView, LayerMarker } from '@codemirror/view';
import { Direction, layer, RectangleMarker } from '@codemirror/view';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { RoomFile } from '../sync/sharedmodel';
import { CaretMarker, SelectionMarker } from './cursormarkers';
import { presencePublisher } from './cursorpublisher';
import { remoteCursors, setRemoteCursors } from './cursorstate';
import { label } from './people';

function selectionMarkers(view: EditorView): LayerMarker[] {
  return view.state
    .field(remoteCursors)
    .flatMap(({ anchor, head, user }) =>
      anchor === head
        ? []
        : RectangleMarker.forRange(
            view,
            'ptg-RemoteSelection',
            EditorSelection.range(anchor, head)
          ).map(rectangle => new SelectionMarker(rectangle, user.color))
    );
}

function caretMarkers(
  view: EditorView,
  trans: TranslationBundle
): LayerMarker[] {
  return view.state.field(remoteCursors).flatMap(cursor =>
    RectangleMarker.forRange(
      view,
      'ptg-RemoteCaret',
      EditorSelection.cursor(cursor.head)
    )
      .slice(0, 1)
      .map(
        rectangle =>
          new CaretMarker(rectangle, cursor, label(cursor.user, trans), {
            width: view.contentDOM.clientWidth,
            rtl: view.textDirection === Direction.RTL
          })
      )
  );
}

/**
 * Remote carets and selections for the editors of one document.
 */
export function remoteCursorsExtension(
  model: RoomFile,
  trans: TranslationBundle
): Extension {
  const changed = StateField.define<number>({
    create: () => 0,
    update: (count, transaction) =>
      transaction.effects.some(effect => effect.is(setRemoteCursors))
        ? count + 1
        : count
  });
  const shared = {
    update: (update: {
      docChanged: boolean;
      viewportChanged: boolean;
      geometryChanged: boolean;
      startState: EditorView['state'];
      state: EditorView['state'];
    }) =>
      update.docChanged ||
      update.viewportChanged ||
      update.geometryChanged ||
      update.startState.field(changed) !== update.state.field(changed)
  };
  return [
    remoteCursors,
    changed,
    presencePublisher(model),
    layer({
      ...shared,
      above: false,
      class: 'ptg-RemoteSelectionLayer',
      markers: selectionMarkers
    }),
    layer({
      ...shared,
      above: true,
      class: 'ptg-RemoteCaretLayer',
      markers: view => caretMarkers(view, trans)
    })
  ];
}

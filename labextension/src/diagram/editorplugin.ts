/**
 * Tells Lab's own tools of the editors in diagrams: the search panel, and the
 * line and column in the status bar.
 */
import { IPositionModel } from '@jupyterlab/codeeditor';
import { ISearchProviderRegistry } from '@jupyterlab/documentsearch';
import type { Widget } from '@lumino/widgets';
import { plugin } from '../ui/plugin';
import { DiagramSearch } from './search';
import { IDiagramTracker } from './tokens';
import { DiagramWidget } from './widget';

export const editorPlugin = plugin({
  id: '@plant-together/jupyterlab:diagram-editor',
  description: 'Finds and replaces in diagrams and shows where the caret is.',
  requires: { tracker: IDiagramTracker },
  optional: { search: ISearchProviderRegistry, position: IPositionModel },
  activate: ({ tracker, search, position }) => {
    search?.add('plant-together:diagram', {
      isApplicable: (widget): widget is DiagramWidget =>
        widget instanceof DiagramWidget,
      createNew: widget => new DiagramSearch(widget as DiagramWidget)
    });
    position?.addEditorProvider(async (widget: Widget | null) =>
      widget instanceof DiagramWidget && tracker.has(widget)
        ? widget.content.editorPane.editor
        : null
    );
  }
});

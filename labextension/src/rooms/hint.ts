/**
 * What an empty list says instead of nothing.
 */
import type { FileBrowserModel } from '@jupyterlab/filebrowser';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';
import { localPathOf } from './paths';
import { CommandIDs } from './tokens';

export class RoomsHint extends Widget {
  constructor(
    private readonly _model: FileBrowserModel,
    private readonly _commands: CommandRegistry,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('ptg-RoomsHint');
    this._button.type = 'button';
    this._button.className = 'jp-mod-styled jp-mod-accept';
    this._button.addEventListener('click', () => {
      void this._commands.execute(this._command);
    });
    this.node.append(this._text, this._button);
    this.hide();
    _model.refreshed.connect(this._refresh, this);
  }

  private _refresh(): void {
    const isEmpty = this._model.items().next().done === true;
    const isRoot = !localPathOf(this._model.path);
    const { __ } = this._trans;
    this._command = isRoot ? CommandIDs.newRoom : CommandIDs.newDiagram;
    this._text.textContent = isRoot
      ? __(
          'A room holds diagrams that several people and their notebooks draw together.'
        )
      : __('No diagrams in this room yet.');
    this._button.textContent = isRoot ? __('New room') : __('New diagram');
    this.setHidden(!isEmpty);
  }

  private _command: string = CommandIDs.newRoom;
  private readonly _text = document.createElement('p');
  private readonly _button = document.createElement('button');
}

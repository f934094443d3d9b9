/**
 * Makes diagram widgets, and lets the registered extras add to each.
 */
import type { IEditorServices } from '@jupyterlab/codeeditor';
import { ABCWidgetFactory } from '@jupyterlab/docregistry';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { MIME_TYPE } from '../language/filetype';
import { EditorPane } from './editorpane';
import { diagramIcon } from './icons';
import { LivePicture } from './live';
import { DiagramPanel } from './panel';
import { Preview } from './preview';
import type { IDiagramRenderer } from './renderer';
import type { IDiagramExtras } from './tokens';
import type { ViewMemory } from './viewmemory';
import { DiagramWidget } from './widget';

export class DiagramFactory extends ABCWidgetFactory<
  DiagramWidget,
  DocumentRegistry.ICodeModel
> {
  constructor(
    options: DocumentRegistry.IWidgetFactoryOptions<DiagramWidget>,
    private _parts: {
      drive: Contents.IDrive | null;
      services: IEditorServices;
      renderer: IDiagramRenderer;
      extras: IDiagramExtras;
      views: ViewMemory;
      trans: TranslationBundle;
    }
  ) {
    super(options);
  }

  /**
   * jupyter-collaboration's content provider, once its plugin has registered
   * it: with it, local files are shared too. Asked for at each opening.
   */
  override get contentProviderId(): string | undefined {
    const providers = this._parts.drive?.contentProviderRegistry;
    try {
      return providers?.getProvider('rtc') ? 'rtc' : undefined;
    } catch {
      // The registry throws on a name that it does not know.
      return undefined;
    }
  }

  override set contentProviderId(_value: string | undefined) {
    // Lab's base class assigns it once, before this class is complete.
  }

  protected createNewWidget(
    context: DocumentRegistry.CodeContext
  ): DiagramWidget {
    const { services, renderer, extras, views, trans } = this._parts;
    // The engine loads while the document does.
    renderer.warmUp();
    context.model.mimeType = MIME_TYPE;
    const added = extras.collect(context);
    const editor = new EditorPane({
      services,
      model: context.model,
      extensions: added.flatMap(extra => extra.editorExtensions ?? []),
      label: trans.__('PlantUML source')
    });
    const preview = new Preview(trans);
    const fallbackRenderer =
      added.find(extra => extra.fallbackRenderer)?.fallbackRenderer ?? null;
    const content = new DiagramPanel({
      editor,
      preview,
      live: new LivePicture({
        context,
        editor,
        preview,
        renderer,
        fallbackRenderer
      }),
      view: views.get(context.path),
      trans
    });
    content.title.icon = diagramIcon;
    content.viewChanged.connect((_, view) => views.set(context.path, view));
    const widget = new DiagramWidget({ content, context });
    for (const extra of added) {
      const disposable = extra.attach?.(widget);
      if (disposable) {
        widget.disposed.connect(() => disposable.dispose());
      }
    }
    return widget;
  }
}

/** Makes the language known to every editor of Lab. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { EXTENSIONS, FILE_TYPE, MIME_TYPE } from '../diagram/tokens';

export const languagePlugin: JupyterFrontEndPlugin<void> = {
  id: '@plant-together/jupyterlab:language',
  description: 'Adds the PlantUML language to the editors.',
  autoStart: true,
  requires: [IEditorLanguageRegistry],
  optional: [ITranslator],
  activate: (
    _app: JupyterFrontEnd,
    languages: IEditorLanguageRegistry,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('plant_together');
    languages.addLanguage({
      name: FILE_TYPE,
      displayName: trans.__('PlantUML'),
      alias: ['puml', 'uml'],
      mime: MIME_TYPE,
      extensions: EXTENSIONS.map(extension => extension.slice(1)),
      load: async () => (await import('./plantuml')).plantuml()
    });
  }
};

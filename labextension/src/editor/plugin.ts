/** What every editor of Lab gets: the language, and characters that stay whole. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  EditorExtensionRegistry,
  IEditorExtensionRegistry,
  IEditorLanguageRegistry
} from '@jupyterlab/codemirror';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { EXTENSIONS, FILE_TYPE, MIME_TYPE } from '../language/filetype';
import { wholeCharacters } from './wholecharacters';

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

/** A room's document may be open in Lab's own text editor, which cuts characters, too. */
export const charactersPlugin: JupyterFrontEndPlugin<void> = {
  id: '@plant-together/jupyterlab:characters',
  description: 'Keeps edits from cutting emoji and the like in two.',
  autoStart: true,
  requires: [IEditorExtensionRegistry],
  activate: (_app: JupyterFrontEnd, extensions: IEditorExtensionRegistry) => {
    extensions.addExtension({
      name: 'plant-together:whole-characters',
      factory: () =>
        EditorExtensionRegistry.createImmutableExtension(wholeCharacters())
    });
  }
};

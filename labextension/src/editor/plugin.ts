/** What every editor of Lab gets: the language, and characters that stay whole. */
import {
  EditorExtensionRegistry,
  IEditorExtensionRegistry,
  IEditorLanguageRegistry
} from '@jupyterlab/codemirror';
import { EXTENSIONS, FILE_TYPE, MIME_TYPE } from '../language/filetype';
import { plugin } from '../ui/plugin';
import { wholeCharacters } from './wholecharacters';

export const languagePlugin = plugin({
  id: '@plant-together/jupyterlab:language',
  description: 'Adds the PlantUML language to the editors.',
  requires: { languages: IEditorLanguageRegistry },
  activate: ({ languages, trans }) => {
    languages.addLanguage({
      name: FILE_TYPE,
      displayName: trans.__('PlantUML'),
      alias: ['puml', 'uml'],
      mime: MIME_TYPE,
      extensions: EXTENSIONS.map(extension => extension.slice(1)),
      load: async () => (await import('./plantuml')).plantuml()
    });
  }
});

/** A room's document may be open in Lab's own text editor, which cuts characters, too. */
export const charactersPlugin = plugin({
  id: '@plant-together/jupyterlab:characters',
  description: 'Keeps edits from cutting emoji and the like in two.',
  requires: { extensions: IEditorExtensionRegistry },
  activate: ({ extensions }) => {
    extensions.addExtension({
      name: 'plant-together:whole-characters',
      factory: () =>
        EditorExtensionRegistry.createImmutableExtension(wholeCharacters())
    });
  }
});

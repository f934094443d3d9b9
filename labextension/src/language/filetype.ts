/** How PlantUML files are told from others. */
import { names } from '../shared/names';

/** The name of the file type and of the editor language. */
export const FILE_TYPE = 'plantuml';

/** The MIME type of PlantUML text. */
export const MIME_TYPE = 'text/x-plantuml';

/** The file name extensions, with their dot. */
export const EXTENSIONS: string[] = [...names.textExtensions];

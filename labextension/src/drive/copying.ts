/**
 * Copies between rooms and files, as text.
 */
import { PathExt } from '@jupyterlab/coreutils';
import type { Contents } from '@jupyterlab/services';
import { freeName } from '../server/names';
import type { RoomsDrive } from './drive';
import { localPathOf } from './paths';
import { normaliseText } from './uploads';

/** The text at a path of any drive. */
export async function textAt(
  drive: RoomsDrive,
  contents: Contents.IManager,
  path: string
): Promise<string> {
  const local = localPathOf(path);
  if (local !== null) {
    return drive.text(local);
  }
  const model = await contents.get(path, {
    type: 'file',
    format: 'text',
    content: true
  });
  return normaliseText(String(model.content ?? ''));
}

/** Copy a file, or a document of another room, into a room. */
export async function copyToRoom(
  drive: RoomsDrive,
  contents: Contents.IManager,
  path: string,
  room: string,
  name = PathExt.basename(path)
): Promise<Contents.IModel> {
  return drive.writer.copyInto(room, name, await textAt(drive, contents, path));
}

/** Copy a document into a folder of files. */
export async function copyToFiles(
  drive: RoomsDrive,
  contents: Contents.IManager,
  path: string,
  folder: string
): Promise<Contents.IModel> {
  const text = await textAt(drive, contents, path);
  const listing = await contents.get(folder, { content: true });
  const taken = (listing.content as Contents.IModel[]).map(({ name }) => name);
  const name = freeName(PathExt.basename(path), taken);
  return contents.save(PathExt.join(folder, name), {
    type: 'file',
    format: 'text',
    content: text
  });
}

/**
 * Rooms and documents as contents models.
 */
import type { Contents } from '@jupyterlab/services';
import type { IDocument, IRoom } from '../server/api';
import { documentPath } from './paths';

const PLANTUML_MIME = 'text/x-plantuml';

/** The list of rooms, or a room with its documents. */
export function directoryModel(
  path: string,
  name: string,
  times: { created_at: string; updated_at: string } | null,
  content: Contents.IModel[] | null,
  writable = true
): Contents.IModel {
  const now = new Date().toISOString();
  return {
    name,
    path,
    type: 'directory',
    writable,
    created: times?.created_at ?? now,
    last_modified: times?.updated_at ?? now,
    mimetype: '',
    format: content ? 'json' : null,
    content
  };
}

/** A room in the list of rooms. */
export function roomModel(room: IRoom): Contents.IModel {
  const writable = room.role !== 'viewer';
  return directoryModel(room.name, room.name, room, null, writable);
}

/**
 * A document. Its hash is its id: Lab compares hashes before a save, and a
 * document that lives is never "changed on disk".
 */
export function documentModel(
  document: IDocument,
  writable: boolean,
  content: string | null = null
): Contents.IModel {
  return {
    name: document.name,
    path: documentPath(document.room, document.name),
    type: 'file',
    writable,
    created: document.created_at,
    last_modified: document.updated_at,
    mimetype: PLANTUML_MIME,
    format: 'text',
    content,
    hash: document.id,
    hash_algorithm: 'document-id'
  };
}

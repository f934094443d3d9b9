/** A document shown in the output of a cell. */

/** The MIME type under which a kernel shows a document: ids only. */
export const DOCUMENT_MIME_TYPE =
  'application/vnd.plant-together.document+json';

/** What the MIME type holds; names are for people, ids are looked up. */
export interface IShownDocument {
  room_id: string;
  id: string;
  room?: string;
  document?: string;
  /** In pixels. */
  height?: number;
  /** The id of the kernel's widget that this shows. */
  widget?: string;
}

/** The data of an output, or `null` if it is not what it says. */
export function shownDocument(data: unknown): IShownDocument | null {
  const given = data as Partial<IShownDocument> | null;
  if (
    !given ||
    typeof given !== 'object' ||
    !/^r_[a-z2-7]{26}$/.test(String(given.room_id)) ||
    !/^d_[a-z2-7]{26}$/.test(String(given.id))
  ) {
    return null;
  }
  const { room_id, id, room, document, height, widget } =
    given as IShownDocument;
  return {
    room_id,
    id,
    room: typeof room === 'string' ? room : undefined,
    document: typeof document === 'string' ? document : undefined,
    height: typeof height === 'number' && height > 0 ? height : undefined,
    widget: typeof widget === 'string' ? widget : undefined
  };
}

/**
 * A package on its way to the browser.
 *
 * The server makes it while it sends it, so nobody knows its size. What is
 * known is how many diagrams it will have, and each file in a zip begins with
 * a header that has its path: they are counted as they go by.
 */

/** How far it is. */
export interface IProgress {
  /** Diagrams of which something arrived. */
  documents: number;
  bytes: number;
  /** Whether the list of what could not be drawn arrived. */
  notDrawn: boolean;
}

const HEADER = [0x50, 0x4b, 0x03, 0x04] as const;
const HEADER_SIZE = 30;
const METHOD_AT = 8;
const DEFLATED = 8;
const NAME_SIZE_AT = 26;
const NOT_DRAWN = /^NOT-DRAWN~?\.txt$/;

/** Counts diagrams in the pieces of a zip file. */
export class PackageCounter {
  get progress(): IProgress {
    return {
      documents: this._folders.size,
      bytes: this._bytes,
      notDrawn: this._notDrawn
    };
  }

  take(piece: Uint8Array): void {
    this._bytes += piece.length;
    const data = new Uint8Array(this._rest.length + piece.length);
    data.set(this._rest);
    data.set(piece, this._rest.length);
    let at = headerFrom(data, 0);
    while (at !== -1) {
      const end = at + HEADER_SIZE;
      const [low, high] = data.subarray(at + NAME_SIZE_AT);
      const size = ((high ?? 0) << 8) | (low ?? 0);
      const isHeader = data[at + METHOD_AT] === DEFLATED;
      if (end > data.length || (isHeader && end + size > data.length)) {
        this._rest = data.slice(at);
        return;
      }
      if (isHeader) {
        this._enter(new TextDecoder().decode(data.subarray(end, end + size)));
      }
      at = headerFrom(data, isHeader ? end : at + HEADER.length);
    }
    // A header may begin at the very end.
    this._rest = data.slice(-(HEADER.length - 1));
  }

  private _enter(path: string): void {
    const [folder = '', file] = path.split('/');
    if (file !== undefined) {
      this._folders.add(folder);
    } else if (NOT_DRAWN.test(path)) {
      this._notDrawn = true;
    }
  }

  private readonly _folders = new Set<string>();
  private _rest = new Uint8Array(0);
  private _bytes = 0;
  private _notDrawn = false;
}

function headerFrom(data: Uint8Array, start: number): number {
  for (
    let at = data.indexOf(HEADER[0], start);
    at !== -1;
    at = data.indexOf(HEADER[0], at + 1)
  ) {
    if (HEADER.every((byte, i) => data[at + i] === byte)) {
      return at;
    }
  }
  return -1;
}

/** Read an answer to its end. */
export async function receive(
  response: Response,
  onProgress: (progress: IProgress) => void
): Promise<Blob> {
  const counter = new PackageCounter();
  const pieces: BlobPart[] = [];
  const reader = response.body!.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return new Blob(pieces, { type: 'application/zip' });
    }
    pieces.push(value);
    counter.take(value);
    onProgress(counter.progress);
  }
}

/**
 * What is saved to a path of the drive as bytes: uploads, whole or in chunks.
 */
import type { Contents } from '@jupyterlab/services';

/** Collects the chunks of uploads and turns them into text. */
export class Uploads {
  /**
   * Take one save.
   *
   * @returns The complete text, or `null` while chunks are outstanding.
   * @throws When the bytes are not UTF-8 text.
   */
  take(path: string, options: Partial<Contents.IModel>): string | null {
    const { chunk, format } = options;
    const content = (options.content as string | null | undefined) ?? '';
    if (format !== 'base64') {
      return normaliseText(content);
    }
    const bytes = decodeBase64(content);
    if (chunk === undefined) {
      return decodeText(bytes);
    }
    const parts = chunk === 1 ? [] : (this._parts.get(path) ?? []);
    parts.push(bytes);
    if (chunk !== -1) {
      this._parts.set(path, parts);
      return null;
    }
    this._parts.delete(path);
    return decodeText(concatenate(parts));
  }

  private readonly _parts = new Map<string, Uint8Array[]>();
}

/** Text as rooms keep it: lines end with `\n`, no byte order mark. */
export function normaliseText(text: string): string {
  return text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
}

function decodeBase64(content: string): Uint8Array {
  return Uint8Array.from(atob(content), character => character.charCodeAt(0));
}

function decodeText(bytes: Uint8Array): string {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  if (text.includes('\0')) {
    throw new TypeError('Not text.');
  }
  return normaliseText(text);
}

function concatenate(parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(
    parts.reduce((length, part) => length + part.length, 0)
  );
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/**
 * What this browser remembers between pages, in localStorage.
 *
 * Every key begins with `plant-together:` and the server's base path, because
 * two servers of one host are one origin. A browser that refuses storage
 * (private windows, blocked site data) is a browser that remembers nothing:
 * reads answer `null`, writes are dropped, nothing throws.
 */
import type { JSONValue } from '@lumino/coreutils';

export class BrowserStorage {
  /**
   * @param baseUrl The server's base URL; its path is part of every key.
   * @param store `localStorage`, or a test's own.
   */
  constructor(baseUrl: string, store?: Storage) {
    let path = '/';
    try {
      path = new URL(baseUrl, 'http://localhost').pathname;
    } catch {
      // Not a URL: then it cannot tell two servers apart either.
    }
    this.prefix = `plant-together:${path}:`;
    try {
      this._store = store ?? window.localStorage;
    } catch {
      this._store = null; // Reading the property throws when site data is blocked.
    }
  }

  /** What every key and database name of this server begins with. */
  readonly prefix: string;

  get<T extends JSONValue>(key: string): T | null {
    try {
      const text = this._store?.getItem(this.prefix + key);
      return text ? (JSON.parse(text) as T) : null;
    } catch {
      return null;
    }
  }

  set(key: string, value: JSONValue): void {
    try {
      this._store?.setItem(this.prefix + key, JSON.stringify(value));
    } catch {
      // Full or refused: not remembered.
    }
  }

  remove(key: string): void {
    try {
      this._store?.removeItem(this.prefix + key);
    } catch {
      // Refused: nothing was kept either.
    }
  }

  /** The keys that begin with `start`, without the prefix. */
  keys(start: string): string[] {
    const found: string[] = [];
    try {
      const store = this._store;
      for (let i = 0; store && i < store.length; i++) {
        const key = store.key(i);
        if (key?.startsWith(this.prefix + start)) {
          found.push(key.slice(this.prefix.length));
        }
      }
    } catch {
      return [];
    }
    return found;
  }

  private _store: Storage | null;
}

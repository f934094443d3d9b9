/**
 * What this browser remembers between pages, in localStorage.
 *
 * Every key begins with `plant-together:` and the server's base path, because
 * two servers of one host are one origin, or the address of the gateway. A browser that refuses storage
 * (private windows, blocked site data) is a browser that remembers nothing:
 * reads answer `null`, writes are dropped, nothing throws.
 */
import type { JSONValue } from '@lumino/coreutils';

export class BrowserStorage {
  /**
   * @param place The server's base URL, whose path is part of every key, or
   * what gives that part.
   * @param store `localStorage`, or a test's own.
   */
  constructor(place: string | (() => string), store?: Storage) {
    this._name = typeof place === 'string' ? () => pathOf(place) : place;
    try {
      this._store = store ?? window.localStorage;
    } catch {
      this._store = null; // Reading the property throws when site data is blocked.
    }
  }

  /** What every key and database name of this server begins with. */
  get prefix(): string {
    return `plant-together:${this._name()}:`;
  }

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
  private readonly _name: () => string;
}

/** The path of a server's base URL. */
export function pathOf(baseUrl: string): string {
  try {
    return new URL(baseUrl, 'http://localhost').pathname;
  } catch {
    return '/'; // Not a URL: then it cannot tell two servers apart either.
  }
}

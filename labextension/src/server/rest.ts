/**
 * REST calls, as JSON, text and pages. Errors are `RoomsError`s whose message
 * is the server's sentence.
 */
import { URLExt } from '@jupyterlab/coreutils';
import type { Endpoint } from './endpoint';
import { RoomsError } from './errors';

/** A page of a list. */
export interface IPage<T> {
  items: T[];
  next: string | null;
}

/** Parameters of a query; `null` and `undefined` are left out. */
export type Query = Record<string, string | number | null | undefined>;

const LARGEST_PAGE = 200;

export class Rest {
  constructor(private readonly _endpoint: Endpoint) {}

  /** Ask, and read the answer as JSON (`null` when there is none). */
  async json<T>(
    method: string,
    path: string,
    body?: unknown,
    query: Query = {}
  ): Promise<T> {
    const response = await this.request(method, path, {
      query,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), type: 'application/json' })
    });
    const text = await response.text();
    return (text ? JSON.parse(text) : null) as T;
  }

  /** All pages of a list. */
  async all<T>(path: string, query: Query = {}): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | null = null;
    do {
      const page: IPage<T> = await this.json('GET', path, undefined, {
        ...query,
        limit: LARGEST_PAGE,
        cursor
      });
      items.push(...page.items);
      cursor = page.next;
    } while (cursor);
    return items;
  }

  async text(path: string, query: Query = {}): Promise<string> {
    return (await this.request('GET', path, { query })).text();
  }

  async request(
    method: string,
    path: string,
    options: {
      query?: Query;
      body?: BodyInit;
      /** Of the body; a form says itself what it is. */
      type?: string;
      signal?: AbortSignal;
    } = {}
  ): Promise<Response> {
    const { body, type, signal } = options;
    const init: RequestInit = { method, body, signal };
    if (type !== undefined) {
      init.headers = { 'Content-Type': type };
    }
    const given = path + queryOf(options.query ?? {});
    return RoomsError.check(await this._endpoint.request(given, init));
  }
}

function queryOf(query: Query): string {
  const given = Object.entries(query).filter(
    ([, value]) => value !== null && value !== undefined
  );
  return given.length
    ? URLExt.objectToQueryString(Object.fromEntries(given))
    : '';
}

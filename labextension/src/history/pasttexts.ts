/** Texts of the past. It does not change: each is asked for once. */
import type { HistoryApi } from './api';
import type { IPoint } from './entries';

const REMEMBERED = 300;

/** The text at a point. */
export function textAt(api: HistoryApi, point: IPoint): Promise<string> {
  return point.version
    ? api.versionSource(point.version.id)
    : api.source(point.seq);
}

export class PastTexts {
  constructor(private readonly _api: HistoryApi) {}

  async at(point: IPoint): Promise<string> {
    const key = point.version?.id ?? String(point.seq);
    let text = this._known.get(key);
    if (text === undefined) {
      text = await textAt(this._api, point);
      if (this._known.size >= REMEMBERED) {
        this._known.clear();
      }
      this._known.set(key, text);
    }
    return text;
  }

  private readonly _known = new Map<string, string>();
}

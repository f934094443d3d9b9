/**
 * What the chosen point is compared with, and which of the two is shown on
 * which side: always the older one first.
 */
import { Time } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { element } from '../ui/dom';
import { when } from '../ui/when';
import { pointOf } from './entries';
import type { Entry, IPoint } from './entries';

/** The choices that are no line of the list. */
const NOTHING = 'nothing';
const NOW = 'now';
const BEFORE = 'before';

/** Two texts; `null` is the text of now, without a second there is one. */
export interface ISides {
  older: IPoint;
  newer?: IPoint | null;
}

/** What a point is called. */
export function titleOf(
  point: IPoint | null | undefined,
  trans: TranslationBundle
): string {
  if (!point) {
    return trans.__('Now');
  }
  const who =
    point.version?.name ??
    (point.session ? point.session.author || trans.__('older edits') : null);
  const time = Time.format(point.time);
  return who === null ? trans.__('Before %1', time) : `${who} · ${time}`;
}

export class OtherSide {
  constructor(
    private readonly _trans: TranslationBundle,
    onChange: () => void
  ) {
    this.node = element('label', 'ptg-History-other');
    this.node.append(_trans.__('Compare with'), this._select);
    this._select.addEventListener('change', onChange);
    this.offer([]);
    this._select.value = NOW;
  }

  readonly node: HTMLElement;

  /** The line of the list that is chosen here, if it is one. */
  get key(): string | null {
    const { value } = this._select;
    return this._entries.some(({ key }) => key === value) ? value : null;
  }

  /** Compare with a line of the list. */
  choose(key: string): void {
    this._select.value = key;
  }

  /** The list changed. */
  offer(entries: readonly Entry[]): void {
    const trans = this._trans;
    const { value } = this._select;
    this._entries = entries;
    const option = (entry: Entry) => {
      const [name, time] =
        entry.kind === 'version'
          ? ([entry.version.name, entry.version.at] as const)
          : ([
              entry.session.author || trans.__('older edits'),
              entry.session.end
            ] as const);
      return new Option(`${name} · ${when(time, Date.now())}`, entry.key);
    };
    const group = (label: string, kind: Entry['kind']) => {
      const found = entries.filter(entry => entry.kind === kind);
      const node = element('optgroup', '', ...found.map(option));
      node.label = label;
      return found.length ? [node] : [];
    };
    this._select.replaceChildren(
      new Option(trans.__('nothing'), NOTHING),
      new Option(trans.__('now'), NOW),
      new Option(trans.__('before these edits'), BEFORE),
      ...group(trans.__('Named versions'), 'version'),
      ...group(trans.__('Edits'), 'session')
    );
    // A line that is not in the list any more cannot be compared with.
    this._select.value = value;
    if (this._select.selectedIndex < 0) {
      this._select.value = NOW;
    }
  }

  /** The two texts to show for a chosen point. */
  sidesOf(point: IPoint): ISides {
    const { value } = this._select;
    if (value === NOTHING) {
      return { older: point };
    }
    if (value === BEFORE && point.session) {
      const { first, begin } = point.session;
      const before = { seq: first - 1, time: begin };
      return {
        older: { ...before, version: null, session: null },
        newer: point
      };
    }
    const entry = this._entries.find(({ key }) => key === value);
    if (!entry) {
      return { older: point, newer: null };
    }
    const other = pointOf(entry);
    return other.seq < point.seq
      ? { older: other, newer: point }
      : { older: point, newer: other };
  }

  private readonly _select = element('select', 'ptg-Select');
  private _entries: readonly Entry[] = [];
}

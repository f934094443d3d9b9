/** How authors are called and coloured: as in presence. */
import { Time } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { userOf } from '../presence/people';
import type { IPresenceState } from '../presence/people';
import type { RoomFile } from '../sync/sharedmodel';
import { colorOf } from '../ui/identity';
import { when } from '../ui/when';
import type { IShare } from './authoredspans';

/** The colour of what nobody is known to have written. */
const NOBODY = '#8e8e8e';

export class AuthorNames {
  constructor(
    private readonly _trans: TranslationBundle,
    private readonly _model: RoomFile
  ) {}

  color(author: string | null): string {
    if (!author) {
      return NOBODY;
    }
    let color = this._colors.get(author);
    if (!color) {
      color = colorOf(author);
      this._colors.set(author, color);
    }
    return color;
  }

  /** Who is here is called as everywhere else, who is not by the account. */
  name(author: string | null): string {
    if (author === null) {
      return this._trans.__('just typed');
    }
    if (author === '') {
      return this._trans.__('older edits');
    }
    if (!this._model.isDisposed) {
      const states = this._model.awareness.getStates();
      for (const state of states.values() as Iterable<IPresenceState>) {
        const user = userOf(state);
        if (user?.username === author && user.kind === 'browser') {
          return user.display_name;
        }
      }
    }
    return author;
  }

  /** Names, parts and times in one sentence. */
  describe(shares: readonly IShare[]): string {
    return shares
      .map(share => {
        const name = this.name(share.author);
        const who =
          shares.length > 1
            ? this._trans.__('%1 %2%', name, percent(share.part))
            : name;
        return share.at
          ? `${who} · ${when(share.at, Date.now())} (${Time.format(share.at)})`
          : who;
      })
      .join('\n');
  }

  /** The same for one line of text: times only where one person wrote it. */
  brief(shares: readonly IShare[]): string {
    const [first] = shares;
    if (first && shares.length === 1) {
      const { author, at } = first;
      const name = this.name(author);
      return at ? `${name} · ${when(at, Date.now())}` : name;
    }
    return shares
      .map(({ author, part }) =>
        this._trans.__('%1 %2%', this.name(author), percent(part))
      )
      .join(', ');
  }

  private readonly _colors = new Map<string, string>();
}

/** A part in whole per cents; what is there is never 0. */
export function percent(part: number): number {
  return Math.max(1, Math.round(part * 100));
}

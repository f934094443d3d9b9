/**
 * Two points of a document's past side by side: what they are called, their
 * texts, and their pictures with what differs marked; or one alone.
 */
import { element } from '../ui/dom';
import { clearMarks, markChanges } from './changes';
import { Comparison } from './comparison';
import type { IHistoryOptions } from './options';
import { PastAuthors } from './pastauthors';
import { PictureBox } from './pictures';
import { titleOf } from './sides';
import type { ISides } from './sides';

export class SideBySide {
  constructor(private readonly _options: IHistoryOptions) {
    const { api, session, trans } = _options;
    const box = (which: string) =>
      new PictureBox({ ..._options, key: `${_options.key}-${which}` });
    this._older = box('older');
    this._newer = box('newer');
    this.authors = new PastAuthors(api, trans, session.model);
    this._texts = new Comparison(
      { older: trans.__('Older text'), newer: trans.__('Newer text') },
      this.authors.extension
    );
    this.nodes = [
      element('div', 'ptg-History-heads', this._olderHead, this._newerHead),
      this.authors.node,
      this._texts.node,
      element('div', 'ptg-History-pictures', this._older.node, this._newer.node)
    ];
  }

  /** From the top to the bottom. */
  readonly nodes: readonly HTMLElement[];
  readonly authors: PastAuthors;

  /**
   * Show two points.
   *
   * @param a The older one's text.
   * @param b The newer one's; that of `a` where there is none.
   * @param isCurrent Whether no other points have been asked for since.
   */
  async show(
    { older, newer }: ISides,
    [a, b]: readonly [string, string],
    isCurrent: () => boolean
  ): Promise<void> {
    const { trans } = this._options;
    const isAlone = newer === undefined;
    this._olderHead.textContent = titleOf(older, trans);
    this._newerHead.textContent = titleOf(newer, trans);
    const [{ diff }] = await Promise.all([
      import('@codemirror/merge'),
      this._texts.show(a, b),
      this._older.show(a),
      isAlone ? null : this._newer.show(b)
    ]);
    if (!isCurrent()) {
      return;
    }
    const [one, two] = [this._older.drawn, this._newer.drawn];
    if (one && two && !isAlone) {
      markChanges(one, two, diff);
    } else if (one) {
      clearMarks(one.svg);
    }
    const points = isAlone ? [older] : [older, newer];
    this.authors.show(
      this._texts.views
        .slice(0, points.length)
        .map((view, i) => ({ view, point: points[i] ?? null }))
    );
  }

  dispose(): void {
    this._texts.dispose();
    this.authors.dispose();
  }

  private readonly _olderHead = element('span', '');
  private readonly _newerHead = element('span', '');
  private readonly _texts: Comparison;
  private readonly _older: PictureBox;
  private readonly _newer: PictureBox;
}

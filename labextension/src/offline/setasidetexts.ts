/**
 * Texts set aside: what a person typed that could not become the document.
 *
 * A refused edit (PROTOCOL A5), a replaced history (E2), a deleted document or
 * a lost room leaves text that must not merge and must not be lost. It is kept
 * here, in this browser and for this user (E3), until the person saves or
 * dismisses it, or signs out.
 */
import { UUID } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import type { BrowserStorage } from './storage';

/** Why a text was set aside. */
export type SetAsideReason =
  'denied' | 'replaced' | 'deleted' | 'no-access' | 'too-large' | 'malformed';

export interface ISetAsideText {
  id: string;
  document: string;
  /** Room and name as they were. */
  room: string;
  room_id: string;
  name: string;
  text: string;
  reason: SetAsideReason;
  /** When, in milliseconds since the epoch of clocks. */
  at: number;
}

const KEY = 'set-aside:';

export class SetAsideTexts {
  constructor(private readonly _storage: BrowserStorage) {}

  /** The list changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Load what this browser keeps for a user. */
  recall(subject: string): void {
    if (this._subject === subject) {
      return;
    }
    this._subject = subject;
    this._stored().forEach(text => this._texts.set(text.id, text));
    this._changed.emit();
  }

  /** All, the newest first. */
  list(): ISetAsideText[] {
    return Array.from(this._texts.values()).sort((a, b) => b.at - a.at);
  }

  /** Set a text aside, once where two tabs find the same one. */
  add(text: Omit<ISetAsideText, 'id' | 'at'>): ISetAsideText {
    const same = this._stored().find(
      one => one.document === text.document && one.text === text.text
    );
    const added = same ?? { ...text, id: UUID.uuid4(), at: Date.now() };
    this._texts.set(added.id, added);
    if (this._subject !== null) {
      this._storage.set(this._key(added.id), { ...added });
    }
    this._changed.emit();
    return added;
  }

  /** The person has it elsewhere, or does not want it. */
  dismiss(id: string): void {
    this._texts.delete(id);
    this._storage.remove(this._key(id));
    this._changed.emit();
  }

  /** The user signs out. */
  clear(): void {
    this.list().forEach(text => this.dismiss(text.id));
  }

  private _stored(): ISetAsideText[] {
    return this._storage
      .keys(`${KEY}${this._subject}:`)
      .map(key => this._storage.get(key) as unknown as ISetAsideText | null)
      .filter(text => text !== null);
  }

  private _key(id: string): string {
    return `${KEY}${this._subject}:${id}`;
  }

  private _subject: string | null = null;
  private readonly _texts = new Map<string, ISetAsideText>();
  private readonly _changed = new Signal<this, void>(this);
}

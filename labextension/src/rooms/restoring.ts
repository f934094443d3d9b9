/**
 * Brings back what was deleted: the list of it, and what to do about a name
 * that is taken by now.
 */
import { Dialog, InputDialog, showDialog } from '@jupyterlab/apputils';
import { Time } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { byId, statusOf } from './api';
import type { IDocument, IRoom } from './api';
import { freeName } from './paths';
import type { RoomsServices } from './services';
import type { RoomsWriter } from './writer';

/** A room or a document that can be brought back. */
type Deleted = IRoom | IDocument;

export class Restoring {
  constructor(
    private readonly _services: RoomsServices,
    private readonly _writer: RoomsWriter,
    private readonly _trans: TranslationBundle
  ) {}

  /**
   * Ask which of a room's deleted documents to bring back, and do it.
   *
   * @returns The local paths of what is there again.
   */
  async documents(room: IRoom): Promise<string[]> {
    const { api } = this._services;
    return this._restore(
      this._trans.__('Restore deleted diagrams of “%1”', room.name),
      this._trans.__('Nothing was deleted in this room.'),
      await api.deletedDocuments(byId(room)),
      async (document, name) => {
        const restored = await api.restoreDocument(
          byId(room),
          byId(document),
          name
        );
        return this._writer.restored(restored);
      },
      async () => (await api.documents(byId(room))).map(({ name }) => name)
    );
  }

  /** The same for rooms. */
  async rooms(): Promise<string[]> {
    const { api } = this._services;
    return this._restore(
      this._trans.__('Restore deleted rooms'),
      this._trans.__('No room was deleted.'),
      await api.deletedRooms(),
      async (room, name) =>
        this._writer.restoredRoom(await api.restoreRoom(byId(room), name)),
      async () => (await api.rooms()).map(({ name }) => name)
    );
  }

  private async _restore<T extends Deleted>(
    title: string,
    nothing: string,
    deleted: T[],
    restore: (one: T, name?: string) => Promise<string>,
    taken: () => Promise<string[]>
  ): Promise<string[]> {
    if (!deleted.length) {
      await showDialog({
        title,
        body: nothing,
        buttons: [Dialog.okButton({ label: this._trans.__('Close') })]
      });
      return [];
    }
    const paths: string[] = [];
    for (const one of await this._ask(title, deleted)) {
      try {
        paths.push(await restore(one));
      } catch (error) {
        if (statusOf(error) !== 409) {
          throw error;
        }
        const name = await this._askName(one.name, await taken());
        if (name) {
          paths.push(await restore(one, name));
        }
      }
    }
    return paths;
  }

  private async _ask<T extends Deleted>(
    title: string,
    deleted: T[]
  ): Promise<T[]> {
    const result = await showDialog<string[]>({
      title,
      body: new DeletedList(deleted, this._trans),
      buttons: [
        Dialog.cancelButton(),
        Dialog.okButton({ label: this._trans.__('Restore') })
      ],
      focusNodeSelector: 'input'
    });
    const ids = (result.button.accept && result.value) || [];
    return deleted.filter(({ id }) => ids.includes(id));
  }

  private async _askName(name: string, taken: string[]): Promise<string> {
    const { value } = await InputDialog.getText({
      title: this._trans.__('“%1” is there already', name),
      label: this._trans.__('Restore it as'),
      text: freeName(name, taken),
      okLabel: this._trans.__('Restore')
    });
    return value?.trim() ?? '';
  }
}

/** Names with the time of their deletion, the last deleted first. */
class DeletedList extends Widget {
  constructor(deleted: Deleted[], trans: TranslationBundle) {
    super();
    this.addClass('ptg-DeletedList');
    const times = deleted.map(one => new Date(one.deleted_at ?? 0).getTime());
    const order = deleted.map((_, i) => i).sort((a, b) => times[b] - times[a]);
    order.forEach((i, rank) => {
      const box = document.createElement('input');
      box.type = 'checkbox';
      box.value = deleted[i].id;
      // Most often it was a moment ago and by mistake.
      box.checked = rank === 0;
      const name = document.createElement('span');
      name.className = 'ptg-DeletedList-name';
      name.textContent = name.title = deleted[i].name;
      const when = document.createElement('span');
      when.className = 'ptg-DeletedList-time';
      when.textContent = trans.__(
        'deleted %1',
        Time.formatHuman(new Date(times[i]))
      );
      when.title = Time.format(new Date(times[i]));
      const row = document.createElement('label');
      row.append(box, name, when);
      this.node.append(row);
    });
  }

  getValue(): string[] {
    return Array.from(
      this.node.querySelectorAll<HTMLInputElement>('input:checked')
    ).map(({ value }) => value);
  }
}

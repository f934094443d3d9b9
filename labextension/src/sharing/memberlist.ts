/**
 * Who has access to a room: everyone, groups and people, each with a role.
 * Owners change it, the others read it.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IMe, IRoom, Role } from '../server/api';
import { button, disc, ErrorLine, select } from '../ui/controls';
import { element } from '../ui/dom';
import type { IMember, MemberKind, SharingApi } from './api';
import { roleChoices, roleName } from './roles';

export interface IMemberListOptions {
  api: SharingApi;
  room: IRoom;
  me: IMe;
  trans: TranslationBundle;
  /** The members changed by a call of this list. */
  onChange: () => Promise<void>;
}

interface IFocused {
  at: number;
  subject: string | undefined;
  control: string;
}

const ORDER: Record<MemberKind, number> = { everyone: 0, group: 1, user: 2 };

export class MemberList {
  readonly node = element('section', 'ptg-Share-section');

  constructor(private readonly _options: IMemberListOptions) {
    const { trans } = _options;
    const heading = element('h3', '', trans.__('Who has access'));
    this._rows.setAttribute('aria-label', trans.__('Who has access'));
    this.node.append(heading, this._open, this._rows);
    if (this._mayManage) {
      this.node.append(this._addForm());
    }
    this.node.append(this._error.node);
  }

  show(members: IMember[]): void {
    const sorted = [...members].sort(
      (a, b) =>
        ORDER[a.kind] - ORDER[b.kind] ||
        (a.subject ?? '').localeCompare(b.subject ?? '')
    );
    const everyone = members.find(({ kind }) => kind === 'everyone');
    const focused = this._focused;
    this._open.replaceChildren(...this._openness(everyone?.role ?? null));
    this._rows.replaceChildren(
      ...sorted
        .filter(({ kind }) => kind !== 'everyone')
        .map(member => this._row(member))
    );
    if (focused) {
      this._focusAgain(focused);
    }
  }

  /** What has the focus: which row, which of its controls. */
  private get _focused(): IFocused | null {
    const { activeElement } = document;
    const rows = [this._open, ...Array.from(this._rows.children)];
    const at = rows.findIndex(row => row.contains(activeElement));
    return at < 0
      ? null
      : {
          at,
          subject: (rows[at] as HTMLElement).dataset.subject,
          control: activeElement!.tagName
        };
  }

  /** The rows were made anew: go to the same control, or to the row that took its place. */
  private _focusAgain({ at, subject, control }: IFocused): void {
    const rows = [this._open, ...Array.from(this._rows.children)];
    const row =
      rows.find(one => (one as HTMLElement).dataset.subject === subject) ??
      rows[Math.min(at, rows.length - 1)];
    const same = row?.querySelector<HTMLElement>(control.toLowerCase());
    const isThere = same && same.style.visibility !== 'hidden';
    (isThere ? same : row?.querySelector<HTMLElement>('select'))?.focus();
  }

  private get _mayManage(): boolean {
    return this._options.room.role === 'owner';
  }

  /** The switch between a private and an open room. */
  private _openness(role: Role | null): HTMLElement[] {
    const { trans, api, room } = this._options;
    const words: [string, string][] = [
      ['none', trans.__('cannot open it (private room)')],
      ['viewer', trans.__('may look (open room)')],
      ['editor', trans.__('may edit (open room)')]
    ];
    const label = element('span', 'ptg-Share-name', trans.__('Everyone else'));
    const value = role ?? 'none';
    if (!this._mayManage) {
      const text = words.find(([key]) => key === value)![1];
      return [
        disc('', 'everyone'),
        label,
        element('span', 'ptg-Share-role', text)
      ];
    }
    const box = select(trans.__('Everyone else'), words, value);
    box.addEventListener('change', () => {
      void this._do(box, () =>
        box.value === 'none'
          ? api.removeMember(room, 'everyone', null)
          : api.setMember(room, 'everyone', null, box.value as Role)
      );
    });
    return [disc('', 'everyone'), label, box];
  }

  private _row(member: IMember): HTMLElement {
    const { trans, api, room, me } = this._options;
    const subject = member.subject ?? '';
    const isMe = member.kind === 'user' && subject === me.subject;
    const name = element('span', 'ptg-Share-name', subject);
    name.title = subject;
    if (isMe) {
      name.append(element('em', '', ` (${trans.__('you')})`));
    } else if (member.kind === 'group') {
      name.append(element('em', '', ` (${trans.__('group')})`));
    }
    const row = element(
      'li',
      'ptg-Share-row',
      disc(subject, member.kind),
      name
    );
    row.dataset.subject = `${member.kind}:${subject}`;
    if (!this._mayManage) {
      const role = roleName(member.role, trans);
      row.append(element('span', 'ptg-Share-role', role));
      return row;
    }
    const role = select(
      trans.__('Role of %1', subject),
      roleChoices(trans),
      member.role
    );
    role.addEventListener('change', () => {
      void this._do(role, () =>
        api.setMember(room, member.kind, subject, role.value as Role)
      );
    });
    const remove = button(
      '×',
      () => {
        void this._do(remove, () =>
          api.removeMember(room, member.kind, subject)
        );
      },
      'ptg-mod-remove'
    );
    remove.title = trans.__('Remove %1', subject);
    remove.setAttribute('aria-label', remove.title);
    // Who leaves says so by the button below.
    remove.style.visibility = isMe ? 'hidden' : '';
    row.append(role, remove);
    return row;
  }

  private _addForm(): HTMLElement {
    const { trans, api, room } = this._options;
    const kind = select(
      trans.__('Kind'),
      [
        ['user', trans.__('Person')],
        ['group', trans.__('Group')]
      ],
      'user'
    );
    const name = element('input', 'jp-mod-styled');
    name.type = 'text';
    name.spellcheck = false;
    name.placeholder = trans.__('User name');
    name.setAttribute('aria-label', trans.__('Name'));
    kind.addEventListener('change', () => {
      name.placeholder =
        kind.value === 'user' ? trans.__('User name') : trans.__('Group name');
    });
    const role = select(trans.__('Role'), roleChoices(trans), 'editor');
    const add = element('button', 'ptg-Button ptg-mod-accept', trans.__('Add'));
    const form = element('form', 'ptg-Share-add', kind, name, role, add);
    form.addEventListener('submit', event => {
      event.preventDefault();
      void this._do(add, async () => {
        // Not the field's own check: Lab's dialog could not be closed then.
        const subject = name.value.trim();
        if (!subject) {
          throw new Error(trans.__('Write a name first.'));
        }
        await api.setMember(
          room,
          kind.value as MemberKind,
          subject,
          role.value as Role
        );
        name.value = '';
      });
    });
    return form;
  }

  /** Do it, and show what is true afterwards, also when it failed. */
  private async _do(
    control: HTMLSelectElement | HTMLButtonElement,
    action: () => Promise<void>
  ): Promise<void> {
    const focused = this._focused; // a disabled control cannot have it
    control.disabled = true;
    this._error.clear();
    try {
      await action();
    } catch (error) {
      this._error.show(error);
    }
    control.disabled = false;
    await this._options.onChange();
    if (focused && document.activeElement === document.body) {
      this._focusAgain(focused);
    }
  }

  private readonly _open = element('div', 'ptg-Share-row ptg-mod-everyone');
  private readonly _rows = element('ul', 'ptg-Share-list');
  private readonly _error = new ErrorLine();
}

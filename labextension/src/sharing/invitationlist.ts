/**
 * Invitation links of a room: make one (its link is shown this once), see
 * which there are, revoke one.
 */
import { Clipboard } from '@jupyterlab/apputils';
import { Time } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IRoom, Role } from '../server/api';
import { button, ErrorLine, select } from '../ui/controls';
import { element } from '../ui/dom';
import { when } from '../ui/when';
import type { IInvitation, SharingApi } from './api';
import { roleChoices, roleName } from './roles';

export interface IInvitationListOptions {
  api: SharingApi;
  room: IRoom;
  trans: TranslationBundle;
  /** The link of an invitation's token. */
  link: (token: string) => string;
}

const HOUR = 3600;
const DAY = 24 * HOUR;

export class InvitationList {
  readonly node = element('section', 'ptg-Share-section');

  constructor(private readonly _options: IInvitationListOptions) {
    const { trans } = _options;
    const heading = element('h3', '', trans.__('Invite by link'));
    this._made.hidden = true;
    this.node.append(
      heading,
      this._form(),
      this._made,
      this._error.node,
      this._rows
    );
  }

  async refresh(): Promise<void> {
    const { api, room } = this._options;
    try {
      const all = await api.invitations(room);
      const live = all.filter(one => isLive(one, Date.now()));
      this._rows.replaceChildren(...live.map(one => this._row(one)));
    } catch (error) {
      this._error.show(error);
    }
  }

  private _form(): HTMLElement {
    const { trans, api, room } = this._options;
    const role = select(trans.__('Role'), roleChoices(trans), 'editor');
    const life = select(
      trans.__('Valid for'),
      [
        [`${HOUR}`, trans.__('for an hour')],
        [`${DAY}`, trans.__('for a day')],
        [`${7 * DAY}`, trans.__('for a week')],
        [`${30 * DAY}`, trans.__('for 30 days')],
        ['', trans.__('until revoked')]
      ],
      `${7 * DAY}`
    );
    const uses = select(
      trans.__('How often'),
      [
        ['1', trans.__('for one person')],
        ['10', trans.__('for 10 people')],
        ['', trans.__('for any number')]
      ],
      '1'
    );
    const make = element(
      'button',
      'ptg-Button ptg-mod-accept',
      trans.__('Make a link')
    );
    const form = element('form', 'ptg-Share-add', role, life, uses, make);
    form.addEventListener('submit', event => {
      event.preventDefault();
      void this._do(make, async () => {
        const invitation = await api.invite(
          room,
          role.value as Role,
          life.value ? Number(life.value) : null,
          uses.value ? Number(uses.value) : null
        );
        this._showLink(invitation.token);
      });
    });
    return form;
  }

  private _showLink(token: string): void {
    const { trans } = this._options;
    const link = element('input', 'jp-mod-styled ptg-Share-link');
    link.type = 'text';
    link.readOnly = true;
    link.value = this._options.link(token);
    link.setAttribute('aria-label', trans.__('Invitation link'));
    link.addEventListener('focus', () => link.select());
    const copy = button(trans.__('Copy'), () => {
      Clipboard.copyToSystem(link.value);
      copy.textContent = trans.__('Copied');
      note.textContent = trans.__(
        'Copied. The link is not shown again. Whoever opens it comes in.'
      );
    });
    const note = element(
      'p',
      'ptg-Share-note',
      trans.__(
        'Copy it now: the link is not shown again. Whoever opens it comes in.'
      )
    );
    note.setAttribute('role', 'status');
    this._made.replaceChildren(
      element('div', 'ptg-Share-add', link, copy),
      note
    );
    this._made.hidden = false;
    link.focus();
  }

  private _row(invitation: IInvitation): HTMLElement {
    const { trans, api, room } = this._options;
    const words = [
      roleName(invitation.role, trans),
      invitation.max_uses === null
        ? trans._n('used once', 'used %1 times', invitation.uses)
        : trans.__('%1 of %2 used', invitation.uses, invitation.max_uses),
      invitation.expires_at
        ? trans.__('ends %1', when(invitation.expires_at, Date.now()))
        : trans.__('does not end')
    ];
    const text = element('span', 'ptg-Share-name', words.join(' · '));
    text.title = trans.__(
      'Made by %1, %2',
      invitation.created_by,
      Time.format(invitation.created_at)
    );
    const revoke = button(trans.__('Revoke'), () => {
      void this._do(revoke, () => api.revoke(room, invitation));
    });
    revoke.title = trans.__('The link stops working; who came in by it stays');
    return element('li', 'ptg-Share-row', text, revoke);
  }

  private async _do(
    control: HTMLButtonElement,
    action: () => Promise<void>
  ): Promise<void> {
    control.disabled = true;
    this._error.clear();
    try {
      await action();
    } catch (error) {
      this._error.show(error);
    }
    control.disabled = false;
    await this.refresh();
  }

  private readonly _made = element('div', 'ptg-Share-made');
  private readonly _rows = element('ul', 'ptg-Share-list');
  private readonly _error = new ErrorLine();
}

/** Whether an invitation still lets anybody in. */
export function isLive(invitation: IInvitation, now: number): boolean {
  const { revoked_at, expires_at, max_uses, uses } = invitation;
  return (
    !revoked_at &&
    (!expires_at || new Date(expires_at).getTime() > now) &&
    (max_uses === null || uses < max_uses)
  );
}

/**
 * The share dialog of a room. Where the server cannot tell people apart it
 * says why and offers nothing that would fail.
 */
import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import type { IMe, IRoom } from '../server/api';
import { button, ErrorLine } from '../ui/controls';
import { element } from '../ui/dom';
import { FormDialog } from '../ui/formdialog';
import type { SharingApi } from './api';
import { InvitationList } from './invitationlist';
import { MemberList } from './memberlist';

export interface IShareOptions {
  api: SharingApi;
  room: IRoom;
  trans: TranslationBundle;
  link: (token: string) => string;
}

/** Show the dialog; resolves when it is closed: whether the user left. */
export async function share(options: IShareOptions): Promise<boolean> {
  const { api, room, trans } = options;
  const me = await api.me();
  const body = new ShareBody(options, me);
  const dialog = new FormDialog({
    title: trans.__('Share “%1”', room.name),
    body,
    buttons: [Dialog.okButton({ label: trans.__('Close') })],
    focusNodeSelector: 'input',
    hasClose: true
  });
  dialog.addClass('ptg-ShareDialog');
  body.left = () => dialog.resolve(0);
  await dialog.launch();
  return body.hasLeft;
}

class ShareBody extends Widget {
  constructor(
    private readonly _options: IShareOptions,
    me: IMe
  ) {
    super();
    this.addClass('ptg-Share');
    this._me = me;
  }

  /** Lab styles the fields that a dialog begins with in a way of its own. */
  protected override onBeforeAttach(): void {
    this._build(this._me);
    void this.refresh();
  }

  private _build(me: IMe): void {
    const { room, trans } = this._options;
    if (!me.roles) {
      this.node.append(
        element(
          'p',
          'ptg-Share-off',
          me.roles_message || trans.__('This server cannot tell people apart.')
        )
      );
      return;
    }
    this._members = new MemberList({
      ...this._options,
      me,
      onChange: () => this.refresh()
    });
    this.node.append(this._members.node);
    if (room.role === 'owner') {
      this._invitations = new InvitationList(this._options);
      this.node.append(this._invitations.node);
    } else {
      this.node.append(
        element(
          'p',
          'ptg-Share-note',
          trans.__('Only owners of the room change who has access.')
        )
      );
    }
    this._leave = button(
      trans.__('Leave the room'),
      () => void this._onLeave(me),
      'ptg-mod-warn'
    );
    this.node.append(
      element('div', 'ptg-Share-foot', this._leave),
      this._error.node
    );
  }

  /** Whether the user left the room. */
  hasLeft = false;

  /** Called when the user left. */
  left: () => void = () => undefined;

  async refresh(): Promise<void> {
    const { api, room } = this._options;
    if (!this._members) {
      return;
    }
    try {
      const members = await api.members(room);
      this._members.show(members);
      this._leave!.hidden = !members.some(
        ({ kind, subject }) => kind === 'user' && subject === this._me.subject
      );
    } catch (error) {
      this._error.show(error);
    }
    await this._invitations?.refresh();
  }

  private async _onLeave(me: IMe): Promise<void> {
    const { api, room, trans } = this._options;
    const leave = this._leave!;
    if (leave.dataset.asked === undefined) {
      leave.dataset.asked = '';
      leave.textContent = trans.__('Really leave? Press again');
      return;
    }
    this._error.clear();
    try {
      await api.removeMember(room, 'user', me.subject);
      this.hasLeft = true;
      this.left();
    } catch (error) {
      this._error.show(error);
      delete leave.dataset.asked;
      leave.textContent = trans.__('Leave the room');
    }
  }

  private readonly _me: IMe;
  private _members: MemberList | null = null;
  private _invitations: InvitationList | null = null;
  private _leave: HTMLButtonElement | null = null;
  private readonly _error = new ErrorLine();
}

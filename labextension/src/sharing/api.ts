/** Who belongs to a room and who may come in, over REST. */
import { byId } from '../server/api';
import type { IMe, IRoom, Role } from '../server/api';
import type { Endpoint } from '../server/endpoint';
import { Rest } from '../server/rest';
import type { IPage } from '../server/rest';

export type MemberKind = 'user' | 'group' | 'everyone';

export interface IMember {
  kind: MemberKind;
  subject: string | null;
  role: Role;
  by: string;
  at: string;
}

export interface IInvitation {
  id: string;
  role: Role;
  created_by: string;
  created_at: string;
  expires_at: string | null;
  max_uses: number | null;
  uses: number;
  revoked_at: string | null;
}

export interface IAccepted {
  room: string;
  room_id: string;
  role: Role;
}

export class SharingApi {
  constructor(endpoint: Endpoint) {
    this._rest = new Rest(endpoint);
  }

  me(): Promise<IMe> {
    return this._rest.json<IMe>('GET', 'me');
  }

  async members(room: IRoom): Promise<IMember[]> {
    const path = `${at(room)}/members`;
    return (await this._rest.json<IPage<IMember>>('GET', path)).items;
  }

  async setMember(
    room: IRoom,
    kind: MemberKind,
    subject: string | null,
    role: Role
  ): Promise<void> {
    await this._rest.json('PUT', member(room, kind, subject), { role });
  }

  async removeMember(
    room: IRoom,
    kind: MemberKind,
    subject: string | null
  ): Promise<void> {
    await this._rest.json('DELETE', member(room, kind, subject));
  }

  async invitations(room: IRoom): Promise<IInvitation[]> {
    const path = `${at(room)}/invitations`;
    return (await this._rest.json<IPage<IInvitation>>('GET', path)).items;
  }

  /** The answer's `token` is shown this once. */
  invite(
    room: IRoom,
    role: Role,
    expiresIn: number | null,
    uses: number | null
  ): Promise<IInvitation & { token: string }> {
    return this._rest.json('POST', `${at(room)}/invitations`, {
      role,
      ...(expiresIn === null ? {} : { expires_in: expiresIn }),
      ...(uses === null ? {} : { max_uses: uses })
    });
  }

  async revoke(room: IRoom, invitation: IInvitation): Promise<void> {
    await this._rest.json('DELETE', `${at(room)}/invitations/${invitation.id}`);
  }

  accept(token: string): Promise<IAccepted> {
    return this._rest.json<IAccepted>('POST', 'invitations/accept', { token });
  }

  private readonly _rest: Rest;
}

function at(room: IRoom): string {
  return `rooms/${byId(room)}`;
}

function member(room: IRoom, kind: MemberKind, subject: string | null): string {
  const who = subject === null ? '' : `/${encodeURIComponent(subject)}`;
  return `${at(room)}/members/${kind}${who}`;
}

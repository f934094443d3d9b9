/**
 * Who is in a document: awareness states as people.
 *
 * A state without the user that the server stamps (PROTOCOL P2) is nobody yet.
 * One person with two windows is one person; their notebook is another entry,
 * "name · notebook".
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IPresenceUser } from '../server/api';
import { initialsOf } from '../ui/identity';

/** Somebody, with the connections by which they are here. */
export interface IPerson {
  key: string;
  user: IPresenceUser;
  /** Their awareness client ids; the first has a cursor if any has. */
  clients: number[];
  /** Whether it is this browser's own user. */
  self: boolean;
}

/** An awareness state as our clients and the kernel's write it. */
export interface IPresenceState {
  user?: Partial<IPresenceUser>;
  cursor?: { anchor: unknown; head: unknown } | null;
}

/** The user of a state, completed, or `null` when it has none. */
export function userOf(
  state: IPresenceState | undefined
): IPresenceUser | null {
  const user = state?.user;
  const name = user?.display_name || user?.name || user?.username;
  if (!user || !name) {
    return null;
  }
  return {
    username: user.username ?? name,
    name: user.name ?? name,
    display_name: name,
    initials: user.initials || initialsOf(name),
    avatar_url: user.avatar_url ?? null,
    color: /^#[0-9a-f]{6}$/i.test(user.color ?? '') ? user.color! : '#808080',
    kind: user.kind === 'notebook' ? 'notebook' : 'browser'
  };
}

/**
 * The people in a document.
 *
 * @param states All awareness states.
 * @param self This page's client id; this page itself is not listed.
 */
export function peopleOf(
  states: Map<number, IPresenceState>,
  self: number
): IPerson[] {
  const own = userOf(states.get(self));
  const people = new Map<string, IPerson>();
  for (const [client, state] of states) {
    const user = client === self ? null : userOf(state);
    if (!user) {
      continue;
    }
    const key = `${user.kind}:${user.username}`;
    const person = people.get(key) ?? {
      key,
      user,
      clients: [],
      self: own?.username === user.username
    };
    if (state.cursor) {
      person.clients.unshift(client);
    } else {
      person.clients.push(client);
    }
    people.set(key, person);
  }
  return Array.from(people.values()).sort((a, b) =>
    a.user.display_name.localeCompare(b.user.display_name)
  );
}

/**
 * What a person is called: "name", or "name · notebook". The server stamps the
 * whole; a name from elsewhere gets the word here.
 */
export function label(user: IPresenceUser, trans: TranslationBundle): string {
  const isNamed = user.display_name.endsWith('· notebook');
  return user.kind === 'notebook' && !isNamed
    ? trans.__('%1 · notebook', user.display_name)
    : user.display_name;
}

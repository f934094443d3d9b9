/**
 * Invitation links: `{lab url}?plant-together-invitation=TOKEN`.
 */

/** The parameter of Lab's address that holds an invitation's token. */
export const PARAMETER = 'plant-together-invitation';

const TOKEN = /^i_[a-z2-7]{26}\.[A-Za-z0-9_-]{20,}$/;

/** The link that a person opens to come in. */
export function invitationLink(labUrl: string, token: string): string {
  const url = new URL(labUrl);
  url.search = '';
  url.hash = '';
  url.searchParams.set(PARAMETER, token);
  return url.toString();
}

/**
 * The token in what somebody pasted: a link, or the token itself.
 *
 * @returns `null` when there is none in it.
 */
export function tokenIn(text: string): string | null {
  const given = text.trim();
  let token: string | null = given;
  try {
    token = new URL(given).searchParams.get(PARAMETER);
  } catch {
    // Not an address: perhaps the token.
  }
  return token !== null && TOKEN.test(token) ? token : null;
}

/** An address without the invitation in it. */
export function withoutInvitation(address: string): string {
  const url = new URL(address);
  url.searchParams.delete(PARAMETER);
  return url.toString();
}

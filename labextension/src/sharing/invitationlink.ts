/**
 * Invitation links. The token is in the fragment, which no browser sends and no
 * server logs (PROTOCOL I6). The link leads to a page of the rooms' server,
 * which keeps it for the tab over a sign-in; where Lab is on another host, that
 * page could not, and the link leads to Lab itself.
 */

/** Where the page that a link leads to leaves the token. */
const KEPT = 'plant-together:invitation';
/** The parameter of a fragment of Lab's address. */
const PARAMETER = 'plant-together-invitation';
const TOKEN = /^i_[a-z2-7]{26}\.[A-Za-z0-9_-]{20,}$/;

/**
 * The link that a person opens to come in.
 *
 * @param place The address of the rooms' server, with a slash at its end.
 */
export function invitationLink(
  place: string,
  labUrl: string,
  token: string
): string {
  const lab = new URL(labUrl);
  const url = new URL('plant-together/invitation', place);
  if (url.origin === lab.origin) {
    url.searchParams.set('lab', lab.pathname);
    url.hash = token;
    return url.toString();
  }
  lab.search = '';
  lab.hash = `${PARAMETER}=${token}`;
  return lab.toString();
}

/**
 * The token in what somebody pasted: a link, or the token itself.
 *
 * @returns `null` when there is none in it.
 */
export function tokenIn(text: string): string | null {
  const given = text.trim();
  let token = given;
  try {
    token = new URL(given).hash.slice(1).replace(`${PARAMETER}=`, '');
  } catch {
    // Not an address: perhaps the token.
  }
  return TOKEN.test(token) ? token : null;
}

/** Take the invitation that this tab was opened for; a reload finds it no more. */
export function takeInvitation(address: string): string | null {
  let kept: string | null = null;
  try {
    kept = window.sessionStorage.getItem(KEPT);
    window.sessionStorage.removeItem(KEPT);
  } catch {
    // This browser keeps nothing.
  }
  const url = new URL(address);
  if (url.hash.startsWith(`#${PARAMETER}=`)) {
    kept = tokenIn(address);
    url.hash = '';
    window.history.replaceState(null, '', url.toString());
  }
  return kept;
}

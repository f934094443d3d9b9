import { describe, expect, it } from 'vitest';
import { invitationLink, tokenIn, withoutInvitation } from '../invitationlink';
import { isLive } from '../invitationlist';

const TOKEN = `i_${'a'.repeat(26)}.${'B'.repeat(43)}`;

describe('invitation links', () => {
  it('hold the token and nothing else of the page', () => {
    const link = invitationLink(
      'https://hub.example/user/ada/lab?reset#x',
      TOKEN
    );
    expect(tokenIn(` ${link} `)).toBe(TOKEN);
    expect(link).not.toContain('reset');
    expect(withoutInvitation(link)).toBe('https://hub.example/user/ada/lab');
  });

  it('are told from anything else', () => {
    expect(tokenIn(TOKEN)).toBe(TOKEN);
    for (const other of ['', 'ada', 'https://example.org/', `${TOKEN} x`]) {
      expect(tokenIn(other)).toBeNull();
    }
  });
});

describe('isLive', () => {
  const now = Date.parse('2026-11-24T12:00:00Z');
  const invitation = {
    id: 'i',
    role: 'editor' as const,
    created_by: 'ada',
    created_at: '2026-11-24T11:00:00Z',
    expires_at: '2026-11-24T13:00:00Z',
    max_uses: 2,
    uses: 1,
    revoked_at: null
  };

  it('is so until it is revoked, used up or past its end', () => {
    expect(isLive(invitation, now)).toBe(true);
    expect(
      isLive({ ...invitation, expires_at: null, max_uses: null }, now)
    ).toBe(true);
    expect(isLive({ ...invitation, uses: 2 }, now)).toBe(false);
    expect(
      isLive({ ...invitation, revoked_at: invitation.created_at }, now)
    ).toBe(false);
    expect(isLive(invitation, now + 3_600_000)).toBe(false);
  });
});

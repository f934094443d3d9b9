import { describe, expect, it } from 'vitest';
import { invitationLink, takeInvitation, tokenIn } from '../invitationlink';
import { isLive } from '../invitationlist';

const TOKEN = `i_${'a'.repeat(26)}.${'B'.repeat(43)}`;

describe('invitation links', () => {
  const lab = 'https://hub.example/hub/user-redirect/lab?reset#x';

  it('hold the token where no server sees it (I6)', () => {
    const link = invitationLink('https://hub.example/services/p/', lab, TOKEN);
    expect(link).toBe(
      `https://hub.example/services/p/plant-together/invitation?lab=%2Fhub%2Fuser-redirect%2Flab#${TOKEN}`
    );
    expect(tokenIn(` ${link} `)).toBe(TOKEN);
    const other = invitationLink('https://p.hub.example/', lab, TOKEN);
    expect(other).toBe(
      `https://hub.example/hub/user-redirect/lab#plant-together-invitation=${TOKEN}`
    );
    expect(tokenIn(other)).toBe(TOKEN);
  });

  it('are followed once', () => {
    sessionStorage.setItem('plant-together:invitation', TOKEN);
    expect(takeInvitation('http://localhost/lab')).toBe(TOKEN);
    expect(takeInvitation('http://localhost/lab')).toBeNull();
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

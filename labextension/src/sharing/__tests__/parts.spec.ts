import { describe, expect, it } from 'vitest';
import { colorOf } from '../colors';
import { isLive } from '../invitationlist';
import { invitationLink, tokenIn, withoutInvitation } from '../invitationlink';
import { when } from '../when';

const TOKEN = `i_${'a'.repeat(26)}.${'B'.repeat(43)}`;

describe('colorOf', () => {
  // Made by the server's `color_of`.
  it.each([
    ['ada', '#b1252c'],
    ['ben', '#25b15f'],
    ['zoë', '#b1a625'],
    ['a-user-with-a-very-long-name', '#45b125'],
    ['שלום', '#5025b1'],
    ['😀', '#b12559']
  ])('gives %s the colour of their caret', (who, color) => {
    expect(colorOf(who)).toBe(color);
  });
});

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

describe('when', () => {
  it('says how far a time is away', () => {
    const now = Date.parse('2026-11-24T12:00:00Z');
    expect(when('2026-12-01T12:00:00Z', now, 'en')).toBe('next week');
    expect(when('2026-11-22T12:00:00Z', now, 'en')).toBe('2 days ago');
    expect(when('2026-11-24T15:00:00Z', now, 'en')).toBe('in 3 hours');
  });
});

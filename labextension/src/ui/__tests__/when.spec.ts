import { describe, expect, it } from 'vitest';
import { when } from '../when';

describe('when', () => {
  it('says how far a time is away', () => {
    const now = Date.parse('2026-11-24T12:00:00Z');
    expect(when('2026-12-01T12:00:00Z', now, 'en')).toBe('next week');
    expect(when('2026-11-22T12:00:00Z', now, 'en')).toBe('2 days ago');
    expect(when('2026-11-24T15:00:00Z', now, 'en')).toBe('in 3 hours');
  });
});

import * as encoding from 'lib0/encoding';
import { describe, expect, it } from 'vitest';
import { countedFrame } from '../frames';
import { SaveState } from '../savestate';
import { sameStatus, sessionStatus } from '../status';
import type { IStatusFacts } from '../status';

function frame(...numbers: number[]): Uint8Array {
  const encoder = encoding.createEncoder();
  numbers.forEach(number => encoding.writeVarUint(encoder, number));
  return encoding.toUint8Array(encoder);
}

describe('countedFrame (A1)', () => {
  it('counts step 2 and updates, and nothing else', () => {
    expect(countedFrame(frame(0, 1, 0))).toBe('step2');
    expect(countedFrame(frame(0, 2, 0))).toBe('update');
    expect(countedFrame(frame(0, 0, 0))).toBeNull();
    expect(countedFrame(frame(1, 2, 0))).toBeNull();
    expect(countedFrame(frame(100, 2))).toBeNull();
    expect(countedFrame(new Uint8Array())).toBeNull();
  });
});

describe('SaveState (A7)', () => {
  it('is saved only when open, answered and settled', () => {
    const state = new SaveState();
    expect(state.saved).toBe(false);
    state.opened();
    expect(state.saved).toBe(false);
    state.frame('step2');
    expect(state.saved).toBe(false);
    state.acknowledged(1);
    expect(state.saved).toBe(true);
    state.closed();
    expect(state.saved).toBe(false);
  });

  it('counts edits until their own frame is settled', () => {
    const state = new SaveState();
    state.opened();
    state.frame('step2');
    state.edited();
    state.frame('update');
    state.edited();
    state.frame('update');
    state.acknowledged(2);
    expect(state.pending).toBe(1);
    state.acknowledged(3);
    expect(state.pending).toBe(0);
    expect(state.unsent).toBe(false);
  });

  it('gives back what a closed connection did not settle', () => {
    const state = new SaveState();
    state.opened();
    state.frame('step2');
    state.acknowledged(1);
    state.edited();
    state.frame('update');
    state.closed();
    state.edited();
    expect(state.pending).toBe(2);
    state.opened();
    state.frame('step2');
    // An ack of the old connection would be 2; this one counts from 1.
    state.acknowledged(1);
    expect(state.pending).toBe(0);
    expect(state.saved).toBe(true);
  });

  it('takes no update before the step 2 for an answer', () => {
    const state = new SaveState();
    state.edited();
    state.opened();
    state.edited();
    state.frame('update');
    state.acknowledged(1);
    expect(state.pending).toBe(2);
    expect(state.saved).toBe(false);
    state.frame('step2');
    state.acknowledged(2);
    expect(state.pending).toBe(0);
    expect(state.saved).toBe(true);
  });

  it('believes no ack beyond what was sent', () => {
    const state = new SaveState();
    state.opened();
    state.frame('step2');
    state.acknowledged(9);
    state.edited();
    state.frame('update');
    expect(state.pending).toBe(1);
    expect(state.saved).toBe(false);
  });

  it('keeps what an earlier page left until all is settled', () => {
    const state = new SaveState();
    state.found();
    expect(state.unsent).toBe(true);
    expect(state.pending).toBe(0);
    state.opened();
    state.frame('step2');
    expect(state.leftover).toBe(true);
    state.acknowledged(1);
    expect(state.unsent).toBe(false);
  });
});

describe('sessionStatus', () => {
  const facts: IStatusFacts = {
    phase: 'synced',
    end: null,
    saved: true,
    unsent: false,
    pending: 0,
    leftover: false,
    copies: 'stored',
    outage: null,
    viewer: false
  };
  const kind = (change: Partial<IStatusFacts>) =>
    sessionStatus({ ...facts, ...change }).kind;

  it('says saved only when it is', () => {
    expect(kind({})).toBe('saved');
    expect(kind({ saved: false })).toBe('saving');
    expect(kind({ unsent: true })).toBe('saving');
    expect(kind({ outage: 'The disk is full.' })).toBe('outage');
    expect(kind({ viewer: true })).toBe('read-only');
    expect(kind({ phase: 'away' })).toBe('offline');
    expect(kind({ phase: 'signed-out' })).toBe('signed-out');
    expect(kind({ phase: 'ended', outage: 'x' })).toBe('ended');
  });

  it('is another one when the role changes, whatever else is said', () => {
    for (const change of [{ outage: 'x' }, { saved: false }, {}]) {
      const editor = sessionStatus({ ...facts, ...change });
      const viewer = sessionStatus({ ...facts, ...change, viewer: true });
      expect(sameStatus(editor, viewer)).toBe(false);
    }
  });
});

/**
 * What becomes of the copies of a history that was replaced (PROTOCOL E3).
 */
import { describe, expect, it } from 'vitest';
import { Copies } from '../copies';
import { rescueUnsynced } from '../rescueunsynced';
import { SetAsideTexts } from '../setasidetexts';
import { BrowserStorage } from '../storage';

const key = { subject: 'ada', document: 'd_1', epoch: 2 };
const document = {
  id: 'd_1',
  room: 'design',
  name: 'login.puml'
};

describe('rescueUnsynced (E3)', () => {
  it('deletes copies of earlier epochs, and no others', async () => {
    const storage = new BrowserStorage('/');
    const copies = new Copies(storage);
    const setAsideTexts = new SetAsideTexts(storage);
    copies.mark({ ...key, epoch: 1 }, false);
    copies.mark(key, true);
    copies.mark({ ...key, document: 'd_2', epoch: 1 }, false);
    copies.mark({ ...key, subject: 'ben', epoch: 1 }, false);
    await rescueUnsynced({ copies, setAsideTexts }, key, document);
    expect(copies.list('ada').map(one => [one.document, one.epoch])).toEqual([
      ['d_1', 2],
      ['d_2', 1]
    ]);
    expect(copies.list('ben')).toHaveLength(1);
  });

  it('keeps one with unsent text that cannot be read just now', async () => {
    const storage = new BrowserStorage('/');
    const copies = new Copies(storage);
    const setAsideTexts = new SetAsideTexts(storage);
    copies.mark({ ...key, epoch: 1 }, true);
    await rescueUnsynced({ copies, setAsideTexts }, key, document);
    expect(copies.record({ ...key, epoch: 1 })?.unsent).toBe(true);
    expect(setAsideTexts.list()).toEqual([]);
  });
});

/**
 * What becomes of the copies of what was replaced, or is gone (PROTOCOL E3).
 */
import { describe, expect, it } from 'vitest';
import { Copies } from '../copies';
import { rescueGone, rescueUnsynced } from '../rescueunsynced';
import { SetAsideTexts } from '../setasidetexts';
import { BrowserStorage } from '../storage';

const key = { subject: 'ada', document: 'd_1', epoch: 2 };
const document = {
  id: 'd_1',
  room: 'design',
  room_id: 'r_1',
  name: 'login.puml'
};

describe('rescueUnsynced (E3)', () => {
  it('deletes copies of earlier epochs, and no others', async () => {
    const storage = new BrowserStorage('/');
    const copies = new Copies(storage);
    const setAsideTexts = new SetAsideTexts(storage);
    copies.mark({ ...key, epoch: 1 }, false, document);
    copies.mark(key, true, document);
    copies.mark({ ...key, document: 'd_2', epoch: 1 }, false, document);
    copies.mark({ ...key, subject: 'ben', epoch: 1 }, false, document);
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
    copies.mark({ ...key, epoch: 1 }, true, document);
    await rescueUnsynced({ copies, setAsideTexts }, key, document);
    expect(copies.record({ ...key, epoch: 1 })?.unsent).toBe(true);
    expect(setAsideTexts.list()).toEqual([]);
  });
});

describe('rescueGone (E3)', () => {
  const storage = new BrowserStorage('/');
  const copies = new Copies(storage);
  const setAsideTexts = new SetAsideTexts(storage);
  const asked: string[] = [];
  const look = (isThere: (id: string) => Promise<boolean>) =>
    rescueGone(
      { copies, setAsideTexts },
      'ada',
      record => {
        asked.push(record.document);
        return isThere(record.document);
      },
      id => id === 'd_open'
    );

  it('asks of unsent copies only, and leaves what is open to its session', async () => {
    localStorage.clear();
    copies.mark({ ...key, document: 'd_sent' }, false, document);
    copies.mark({ ...key, document: 'd_open' }, true, document);
    copies.mark({ ...key, document: 'd_there' }, true, document);
    copies.mark({ ...key, subject: 'ben', document: 'd_b' }, true, document);
    await look(async () => true);
    expect(asked).toEqual(['d_there']);
    expect(copies.list('ada')).toHaveLength(3);
  });

  it('leaves everything while nobody can tell', async () => {
    await expect(look(() => Promise.reject(new Error('away')))).rejects.toThrow(
      'away'
    );
    expect(copies.list('ada')).toHaveLength(3);
  });

  it('keeps a copy that cannot be read just now', async () => {
    await look(async () => false);
    expect(copies.list('ada')).toHaveLength(3);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { Copies } from '../copies';
import { SetAsideTexts } from '../setasidetexts';
import { BrowserStorage } from '../storage';

beforeEach(() => localStorage.clear());

describe('Copies (E3)', () => {
  const key = { subject: 'ada', document: 'd_1', epoch: 1 };
  const origin = { room: 'design', room_id: 'r_1', name: 'login.puml' };

  it('are named by server, user, document and epoch', () => {
    const names = new Set(
      [
        new Copies(new BrowserStorage('/user/a/')).name(key),
        new Copies(new BrowserStorage('/user/b/')).name(key),
        new Copies(new BrowserStorage('/')).name({ ...key, subject: 'ben' }),
        new Copies(new BrowserStorage('/')).name({ ...key, epoch: 2 }),
        new Copies(new BrowserStorage('/')).name({ ...key, document: 'd_2' })
      ].map(String)
    );
    expect(names.size).toBe(5);
  });

  it('are listed for their user', () => {
    const copies = new Copies(new BrowserStorage('/'));
    copies.mark(key, true, origin);
    copies.mark({ ...key, epoch: 2 }, false, origin);
    expect(copies.list('ada', 'd_1').map(({ unsent }) => unsent)).toEqual([
      true,
      false
    ]);
    expect(copies.list('ben')).toEqual([]);
  });

  it('are done without where IndexedDB is missing', async () => {
    const copies = new Copies(new BrowserStorage('/'));
    const { Doc } = await import('yjs');
    const copy = await copies.open(key, new Doc(), 100);
    expect(copy.state).toBe('unavailable');
    copy.dispose();
  });
});

describe('SetAsideTexts (E3)', () => {
  const text = {
    document: 'd_1',
    room: 'design',
    room_id: 'r_1',
    name: 'login.puml',
    text: 'mine',
    reason: 'deleted' as const
  };

  it('outlive the page, also from a room that was lost', () => {
    const storage = new BrowserStorage('/');
    const texts = new SetAsideTexts(storage);
    texts.recall('ada');
    const { id } = texts.add(text);
    texts.add({ ...text, text: 'too', reason: 'no-access' });
    const next = new SetAsideTexts(storage);
    next.recall('ada');
    const kept = next.list().map(({ text }) => text);
    expect(kept.sort()).toEqual(['mine', 'too']);
    next.dismiss(id);
    const last = new SetAsideTexts(storage);
    last.recall('ada');
    expect(last.list().map(({ text }) => text)).toEqual(['too']);
    last.recall('ben');
    last.clear();
    const others = new SetAsideTexts(storage);
    others.recall('ben');
    expect(others.list()).toEqual([]);
  });

  it('are one where two tabs set the same text aside', () => {
    const storage = new BrowserStorage('/');
    const tabs = [new SetAsideTexts(storage), new SetAsideTexts(storage)];
    tabs.forEach(tab => tab.recall('ada'));
    const ids = tabs.map(tab => tab.add(text).id);
    expect(ids[0]).toBe(ids[1]);
    expect(tabs[0]?.add({ ...text, text: 'other' }).id).not.toBe(ids[0]);
  });
});

describe('BrowserStorage', () => {
  it('is silent where storage is refused', () => {
    const refusing = new Proxy({} as Storage, {
      get: () => () => {
        throw new DOMException('refused', 'SecurityError');
      }
    });
    const storage = new BrowserStorage('/', refusing);
    storage.set('a', 1);
    storage.remove('a');
    expect(storage.get('a')).toBeNull();
    expect(storage.keys('')).toEqual([]);
  });
});

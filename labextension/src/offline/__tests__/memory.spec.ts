import { beforeEach, describe, expect, it } from 'vitest';
import { Copies } from '../copies';
import { SetAsideTexts } from '../setasidetexts';
import { BrowserStorage } from '../storage';

beforeEach(() => localStorage.clear());

describe('Copies (E3)', () => {
  const key = { subject: 'ada', document: 'd_1', epoch: 1 };

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
    copies.mark(key, true);
    copies.mark({ ...key, epoch: 2 }, false);
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

describe('KeptTexts', () => {
  const text = {
    document: 'd_1',
    room: 'design',
    name: 'login.puml',
    text: 'mine',
    reason: 'deleted' as const
  };

  it('outlive the page, except from a room that was lost', () => {
    const storage = new BrowserStorage('/');
    const texts = new SetAsideTexts(storage);
    texts.recall('ada');
    const { id } = texts.add(text);
    texts.add({ ...text, text: 'secret', reason: 'no-access' });
    expect(texts.list()).toHaveLength(2);
    const next = new SetAsideTexts(storage);
    next.recall('ada');
    expect(next.list().map(({ text }) => text)).toEqual(['mine']);
    next.dismiss(id);
    const last = new SetAsideTexts(storage);
    last.recall('ada');
    expect(last.list()).toEqual([]);
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

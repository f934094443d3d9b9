import { beforeEach, describe, expect, it, vi } from 'vitest';
import { BrowserStorage } from '../../offline/storage';
import type { IDocument, IRoom } from '../../server/api';
import { Catalogue } from '../catalogue';
import type { IMove } from '../catalogue';

const times = { created_at: '', updated_at: '' };
const room: IRoom = { id: 'r_1', name: 'design', ...times };
const document: IDocument = {
  id: 'd_1',
  name: 'login.puml',
  room: 'design',
  room_id: 'r_1',
  epoch: 1,
  ...times
};

beforeEach(() => localStorage.clear());

describe('Catalogue', () => {
  it('tells a new name, by id', () => {
    const catalogue = new Catalogue(new BrowserStorage('/'));
    const moves: IMove[] = [];
    catalogue.moved.connect((_, move) => moves.push(move));
    catalogue.putRoom(room);
    catalogue.putDocument(document);
    catalogue.putDocument({ ...document, name: 'sign-in.puml' });
    catalogue.putRoom({ ...room, name: 'plans' });
    expect(moves.map(({ kind, from, to }) => [kind, from, to])).toEqual([
      ['document', 'design/login.puml', 'design/sign-in.puml'],
      ['room', 'design', 'plans']
    ]);
    expect(catalogue.document('PLANS', 'Sign-in.puml')?.id).toBe('d_1');
  });

  it('remembers per user, and forgets at the end', () => {
    vi.useFakeTimers();
    const storage = new BrowserStorage('/');
    const catalogue = new Catalogue(storage);
    catalogue.recall('ada');
    catalogue.putRoom(room);
    catalogue.putDocument(document);
    vi.advanceTimersByTime(1000);
    const next = new Catalogue(storage);
    next.recall('ben');
    expect(next.rooms()).toEqual([]);
    const own = new Catalogue(storage);
    own.recall('ada');
    expect(own.document('design', 'login.puml')?.id).toBe('d_1');
    own.clear();
    vi.advanceTimersByTime(1000);
    const last = new Catalogue(storage);
    last.recall('ada');
    expect(last.rooms()).toEqual([]);
    vi.useRealTimers();
  });

  it('drops what a complete list no longer has', () => {
    const catalogue = new Catalogue(new BrowserStorage('/'));
    catalogue.setRooms([room]);
    catalogue.setDocuments(room, [document]);
    catalogue.setDocuments(room, []);
    expect(catalogue.documentById('d_1')).toBeUndefined();
    catalogue.putDocument(document);
    catalogue.setRooms([]);
    expect(catalogue.documentById('d_1')).toBeUndefined();
  });
});

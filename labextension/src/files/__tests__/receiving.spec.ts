/** A package is counted as it goes by, however it is cut into pieces. */
import { describe, expect, it } from 'vitest';
import { PackageCounter } from '../receiving';

/** The header of a file in a zip, as the server writes it, and some content. */
function entry(path: string, content: number[] = [1, 2, 3]): number[] {
  const name = Array.from(new TextEncoder().encode(path));
  const header = new Array<number>(30).fill(0);
  header.splice(0, 5, 0x50, 0x4b, 3, 4, 20);
  header[8] = 8;
  header[26] = name.length & 0xff;
  header[27] = name.length >> 8;
  return [...header, ...name, ...content];
}

const LONG = 'ü'.repeat(128);
const PACKAGE = Uint8Array.from([
  ...entry('login/diagram.puml', [0x50, 0x4b, 0x50, 0x4b, 3]),
  ...entry('login/diagram.svg'),
  ...entry(`${LONG}/diagram.puml`, [0x50, 0x4b, 3, 4, 1, 1, 1, 1, 1, 1]),
  ...entry('שלום/diagram.puml'),
  ...entry('NOT-DRAWN.txt'),
  ...[0x50, 0x4b, 1, 2, 0, 0]
]);

describe('counting the diagrams of a package', () => {
  it.each([1, 2, 3, 7, 31, 64, 10_000])('comes in pieces of %i', size => {
    const counter = new PackageCounter();
    for (let at = 0; at < PACKAGE.length; at += size) {
      counter.take(PACKAGE.slice(at, at + size));
    }
    expect(counter.progress).toEqual({
      documents: 3,
      bytes: PACKAGE.length,
      notDrawn: true
    });
  });

  it('knows of a diagram as soon as its name is there', () => {
    const counter = new PackageCounter();
    const [login] = [entry('login/diagram.puml', [])];
    counter.take(Uint8Array.from(login.slice(0, -1)));
    expect(counter.progress.documents).toBe(0);
    counter.take(Uint8Array.from(login.slice(-1)));
    expect(counter.progress.documents).toBe(1);
  });

  it('does not take a diagram called so for the list', () => {
    const counter = new PackageCounter();
    counter.take(Uint8Array.from(entry('NOT-DRAWN.txt/diagram.puml')));
    expect(counter.progress).toMatchObject({ documents: 1, notDrawn: false });
  });
});

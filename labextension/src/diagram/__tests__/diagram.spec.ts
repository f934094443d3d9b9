import { Text } from '@codemirror/state';
import { describe, expect, it } from 'vitest';
import { toMark } from '../diagnostics';
import { DEFAULTS, readSettings } from '../settings';
import { ViewMemory } from '../viewmemory';
import { Viewport } from '../viewport';

describe('toMark', () => {
  const doc = Text.of(['@startuml', '  A -> -> B  ', '', '@enduml']);
  const marks = (line: number | null) =>
    toMark(doc, { severity: 'error', line, message: 'bad' });

  it('underlines the words of the line', () => {
    expect(marks(2).map(({ from, to }) => doc.sliceString(from, to))).toEqual([
      'A -> -> B'
    ]);
  });

  it('stays inside the text', () => {
    expect(marks(99)).toMatchObject([{ from: doc.line(4).from }]);
    expect(marks(3)).toMatchObject([
      { from: doc.line(3).from, to: doc.line(3).from }
    ]);
    expect(marks(null)).toEqual([]);
  });
});

describe('readSettings', () => {
  it('fills in what is not set', () => {
    expect(readSettings(null)).toEqual(DEFAULTS);
    expect(
      readSettings({ composite: { theme: 'light', other: 1 } } as never)
    ).toEqual({ ...DEFAULTS, theme: 'light' });
  });
});

describe('ViewMemory', () => {
  it('remembers each document and hands on the last ratio', () => {
    const views = new ViewMemory(null);
    views.set('a.puml', {
      layout: 'preview',
      orientation: 'vertical',
      ratio: 0.7
    });
    expect(views.get('a.puml').layout).toBe('preview');
    expect(views.get('b.puml')).toEqual({
      ...views.defaults,
      ratio: 0.7,
      layout: 'both'
    });
  });

  it('does not believe what it finds', async () => {
    const views = new ViewMemory({
      fetch: () =>
        Promise.resolve({
          good: { layout: 'editor', orientation: 'vertical', ratio: 0.3 },
          bad: { layout: 'sideways', orientation: 'vertical', ratio: 0.3 },
          worse: 4
        })
    } as never);
    await views.load();
    expect(views.get('good').layout).toBe('editor');
    expect(views.get('bad').layout).toBe('both');
    expect(views.get('worse').layout).toBe('both');
  });
});

describe('ViewMemory and renames', () => {
  it('follows a file, and what is in a folder', () => {
    const views = new ViewMemory(null);
    const shown = (path: string) => views.get(path).layout;
    const view = { ...views.defaults, layout: 'preview' as const };
    views.set('Rooms:a/one.puml', view);
    views.set('Rooms:ab/one.puml', view);
    views.move('Rooms:a/one.puml', 'Rooms:a/two.puml');
    expect(shown('Rooms:a/two.puml')).toBe('preview');
    expect(shown('Rooms:a/one.puml')).toBe('both');
    views.move('Rooms:a', 'Rooms:b');
    expect(shown('Rooms:b/two.puml')).toBe('preview');
    expect(shown('Rooms:a/two.puml')).toBe('both');
    expect(shown('Rooms:ab/one.puml')).toBe('preview');
  });
});

describe('Viewport', () => {
  function viewport(width: number, height: number): Viewport {
    const node = document.createElement('div');
    Object.defineProperties(node, {
      clientWidth: { value: width },
      clientHeight: { value: height }
    });
    return new Viewport(node);
  }

  function picture(width: number, height: number): SVGSVGElement {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    svg.setAttribute('width', String(width));
    svg.setAttribute('height', String(height));
    return svg;
  }

  const transform = (view: Viewport) =>
    (view.node.firstElementChild as HTMLElement).style.transform;

  it('fits large pictures and does not blow up small ones', () => {
    const view = viewport(448, 448);
    view.setPicture(picture(800, 400));
    expect(view.scale).toBe(0.5);
    view.setPicture(picture(40, 40));
    expect(view.scale).toBe(1);
  });

  it('keeps zoom and place over a new picture', () => {
    const view = viewport(448, 448);
    view.setPicture(picture(300, 300));
    view.zoomIn();
    view.moveBy(-30, 12);
    const before = transform(view);
    view.setPicture(picture(500, 320));
    expect(transform(view)).toBe(before);
    expect(view.isFitted).toBe(false);
  });

  it('never loses the picture', () => {
    const view = viewport(400, 400);
    view.setPicture(picture(100, 100));
    view.moveBy(5000, -5000);
    expect(transform(view)).toContain('translate(352px, -52px)');
  });

  it('keeps the point under the pointer', () => {
    const view = viewport(400, 400);
    view.setPicture(picture(200, 200));
    view.zoomAt(2, { x: 100, y: 100 });
    expect(transform(view)).toBe('translate(100px, 100px) scale(2)');
  });
});

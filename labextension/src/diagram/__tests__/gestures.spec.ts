import { beforeEach, describe, expect, it } from 'vitest';
import { Gestures } from '../gestures';
import { Viewport } from '../viewport';

describe('Gestures', () => {
  let node: HTMLElement;
  let label: SVGTextElement;
  let clicks: Element[];

  beforeEach(() => {
    node = document.createElement('div');
    let captured = false;
    Object.defineProperties(node, {
      clientWidth: { value: 400 },
      clientHeight: { value: 400 },
      // jsdom captures no pointers.
      hasPointerCapture: { value: () => captured },
      setPointerCapture: { value: () => (captured = true) }
    });
    const viewport = new Viewport(node);
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    svg.setAttribute('width', '200');
    svg.setAttribute('height', '200');
    label = document.createElementNS('http://www.w3.org/2000/svg', 'text');
    svg.append(label);
    viewport.setPicture(svg);
    clicks = [];
    new Gestures(viewport).clicked.connect((_, target) => {
      clicks.push(target);
    });
  });

  const place = () =>
    (node.firstElementChild as HTMLElement).style.transform.split(' scale')[0];

  function pointer(type: string, x: number, y: number, buttons = 1): void {
    // jsdom has no PointerEvent.
    const event = new MouseEvent(type, {
      bubbles: true,
      clientX: x,
      clientY: y,
      buttons
    });
    label.dispatchEvent(Object.assign(event, { pointerId: 1 }));
  }

  it('takes a press that stays for a click, and one that travels for a move', () => {
    pointer('pointerdown', 100, 100);
    pointer('pointermove', 101, 101);
    pointer('pointerup', 101, 101, 0);
    expect(clicks).toEqual([label]);
    expect(place()).toBe('translate(100px, 100px)');
    pointer('pointerdown', 100, 100);
    pointer('pointermove', 80, 130);
    pointer('pointerup', 80, 130, 0);
    expect(clicks).toHaveLength(1);
    expect(place()).toBe('translate(80px, 130px)');
  });

  it('lets go of a pointer that was released elsewhere', () => {
    pointer('pointerdown', 2, 2);
    pointer('pointermove', 90, 90, 0);
    pointer('pointermove', 150, 150, 0);
    expect(place()).toBe('translate(100px, 100px)');
    expect(clicks).toEqual([]);
  });

  it('zooms with Ctrl and the wheel, and moves without', () => {
    const wheel = (init: WheelEventInit) =>
      node.dispatchEvent(new WheelEvent('wheel', { deltaY: 30, ...init }));
    wheel({});
    expect(place()).toBe('translate(100px, 70px)');
    wheel({ shiftKey: true });
    expect(place()).toBe('translate(70px, 70px)');
    wheel({ ctrlKey: true, clientX: 70, clientY: 70 });
    expect(place()).toBe('translate(70px, 70px)');
    expect(
      (node.firstElementChild as HTMLElement).style.transform
    ).not.toContain('scale(1)');
  });
});

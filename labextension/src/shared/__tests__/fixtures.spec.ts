/**
 * What Python and TypeScript both know: fixtures that vitest and pytest both
 * run (tests/unit/test_shared.py).
 */
import { nullTranslator } from '@jupyterlab/translation';
import * as decoding from 'lib0/decoding';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { WebsocketProvider } from 'y-websocket';
import { splitPages } from '../../render/blocks';
import { cleanSvg } from '../../render/clean';
import { explain } from '../../render/explain';
import { countedFrame } from '../../sync/frames';
import { Incoming } from '../../sync/messages';
import type { ControlMessage } from '../../sync/messages';
import { withExtension } from '../../server/names';
import { reasonOf } from '../../offline/rescueunsynced';
import { wire } from '../wire';

const trans = nullTranslator.load('plant_together');

/** The cases of a fixture; vitest runs in `labextension`. */
function cases<T>(name: string): T[] {
  return JSON.parse(readFileSync(`../tests/fixtures/${name}.json`, 'utf-8'));
}

describe('blocks and pages', () => {
  interface ICase {
    name: string;
    source: string;
    pages: unknown[];
  }
  it.each(cases<ICase>('blocks'))('$name', ({ source, pages }) => {
    expect(
      [...splitPages(source)].map(({ lines, firstLine, type, unclosed }) => ({
        lines,
        firstLine,
        type,
        unclosed
      }))
    ).toEqual(pages);
  });
});

describe('an answer of the engine', () => {
  interface ICase {
    name: string;
    source: string;
    page: number;
    svg: string | null;
    error: string | null;
    kind: string;
    line: number | null;
    message: string | null;
    warnings: unknown[];
  }
  it.each(cases<ICase>('answers'))('$name', given => {
    const { source, page, kind, line, message } = given;
    const answer = {
      id: 1,
      svg: given.svg ?? undefined,
      error: given.error ?? undefined,
      duration: 1
    };
    const pages = splitPages(source);
    const result = explain(answer, pages.at(page)!, page, pages.length, trans);
    expect(result.kind).toBe(kind);
    if (result.kind === 'picture') {
      expect(
        result.warnings.map(one => ({ line: one.line, message: one.message }))
      ).toEqual(given.warnings);
    } else {
      expect(result).toMatchObject({ diagnostic: { line, message } });
    }
  });
});

describe('a picture', () => {
  interface ICase {
    inside: string;
    inert: boolean;
  }
  const head =
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9" width="9" height="9">';

  it.each(cases<ICase>('svg'))('$inert of $inside', ({ inside, inert }) => {
    expect(isUnchanged(`${head}${inside}</svg>`)).toBe(inert);
  });
});

/** Whether the cleaner lets through all that is in a picture. */
function isUnchanged(text: string): boolean {
  const before = new DOMParser().parseFromString(text, 'image/svg+xml');
  if (before.querySelector('parsererror')) {
    return false;
  }
  const inside = (root: Element) =>
    JSON.stringify([...root.childNodes].map(contentOf));
  return (
    inside(before.documentElement) === inside(cleanSvg(text, { prefix: '' }))
  );
}

function contentOf(node: Node): unknown {
  if (node.nodeType === Node.TEXT_NODE) {
    return node.nodeValue;
  }
  if (!(node.nodeType === Node.ELEMENT_NODE)) {
    return node.nodeType;
  }
  const element = node as Element;
  // An address is kept under its newer name.
  const attributes = [...element.attributes]
    .filter(({ name }) => !name.startsWith('xmlns'))
    .map(({ name, value }) => `${name.replace('xlink:', '')}=${value}`);
  return [
    element.namespaceURI,
    element.localName,
    [...new Set(attributes)].sort(),
    [...element.childNodes].map(contentOf)
  ];
}

describe('a frame', () => {
  interface ISync {
    type: 'sync';
    step: number;
    payload: string;
  }
  interface IControl {
    type: 'control';
    body: unknown;
  }
  interface ICase {
    name: string;
    bytes: string;
    message: ISync | IControl | { type: 'other' } | 'malformed' | null;
    counted: string | null;
  }
  const frames = cases<ICase>('frames');

  it.each(frames)('$name: counts or not', ({ bytes, counted }) => {
    expect(countedFrame(bytesOf(bytes))).toBe(counted);
  });

  it.each(
    frames.filter(
      ({ message }) =>
        message !== null &&
        typeof message === 'object' &&
        ['sync', 'control'].includes(message.type)
    )
  )('$name: is heard', ({ bytes, message }) => {
    const heard: unknown[] = [];
    const provider = { messageHandlers: [() => undefined] };
    new Incoming(provider as unknown as WebsocketProvider, {
      control: body => heard.push({ type: 'control', body }),
      content: update => heard.push(Buffer.from(update).toString('hex'))
    });
    const decoder = decoding.createDecoder(bytesOf(bytes));
    const handle = provider.messageHandlers[
      decoding.readVarUint(decoder)
    ] as unknown as (...given: unknown[]) => void;
    handle(null, decoder, provider, true, 0);
    const expected = message as ISync | IControl;
    expect(heard).toEqual(
      expected.type === 'control'
        ? [expected]
        : expected.step === wire.syncSteps.step1
          ? []
          : [expected.payload]
    );
  });
});

it('a control message is of a kind in the table, and the reverse', () => {
  type Kind = ControlMessage['type'];
  type Listed = (typeof wire.controls)[number];
  // The type checker compares; a kind that one side lacks is an error there.
  const kinds: readonly Kind[] = wire.controls;
  const listed: readonly Listed[] = kinds;
  expect(new Set(listed).size).toBe(wire.controls.length);
});

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

describe('a close code', () => {
  interface ICase {
    error: string;
    code: number;
    kept: string | null;
  }
  it.each(cases<ICase>('close_codes').filter(({ kept }) => kept))(
    '$code says why a text is kept: $kept',
    ({ code, kept }) => {
      expect(reasonOf({ code, reason: '' })).toBe(kept);
    }
  );

  it('is known for each error', () => {
    const codes = cases<ICase>('close_codes').map(({ code }) => code);
    expect(new Set(codes)).toEqual(new Set(Object.values(wire.closeCodes)));
  });
});

describe('the name of a document', () => {
  it.each(cases<{ name: string; document: string }>('names'))(
    '$name is $document',
    ({ name, document }) => {
      expect(withExtension(name)).toBe(document);
    }
  );
});

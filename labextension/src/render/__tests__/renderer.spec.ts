/**
 * The queue, against a scripted port: the real worker is tested in a browser
 * (tests/browser/test_diagram.py).
 */
import { nullTranslator } from '@jupyterlab/translation';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { IWorkerRequest, WorkerReply } from '../protocol';
import { Renderer } from '../renderer';
import type { IWorkerPort } from '../renderer';

class Port implements IWorkerPort {
  onmessage: ((event: MessageEvent<WorkerReply>) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  readonly requests: IWorkerRequest[] = [];
  terminated = false;

  postMessage(message: IWorkerRequest): void {
    this.requests.push(message);
  }

  terminate(): void {
    this.terminated = true;
  }

  reply(data: WorkerReply): void {
    this.onmessage?.({ data } as MessageEvent<WorkerReply>);
  }

  /** Answer the last request. */
  answer(duration = 1): void {
    const { id, source } = this.requests.at(-1)!;
    this.reply({ id, svg: `<svg>${source.split('\n')[1]}</svg>`, duration });
  }
}

const text = (label: string) => `@startuml\n${label}\n@enduml`;

describe('Renderer', () => {
  let ports: Port[];
  const port = (n: number) => ports[n]!;
  let renderer: Renderer;

  beforeEach(() => {
    vi.useFakeTimers();
    ports = [];
    renderer = new Renderer({
      trans: nullTranslator.load('plant_together'),
      createWorker: () => {
        const made = new Port();
        ports.push(made);
        return made;
      },
      maxSourceLength: 1000
    });
  });

  afterEach(() => {
    renderer.dispose();
    vi.useRealTimers();
  });

  it('sends nothing before the engine is loaded', async () => {
    const result = renderer.render(text('one'));
    expect(port(0).requests).toHaveLength(0);
    port(0).reply({ ready: true });
    expect(port(0).requests).toHaveLength(1);
    port(0).answer();
    expect(await result).toMatchObject({
      kind: 'picture',
      svg: '<svg>one</svg>'
    });
  });

  it('lets the latest of one preview win, and one run at a time', async () => {
    const results = ['a', 'b', 'c', 'd'].map(label =>
      renderer.render(text(label), { key: 'x' })
    );
    const other = renderer.render(text('other'), { key: 'y' });
    port(0).reply({ ready: true });
    expect(port(0).requests).toHaveLength(1);
    port(0).answer();
    expect(port(0).requests).toHaveLength(2);
    port(0).answer();
    port(0).answer();
    const kinds = (await Promise.all(results)).map(result => result.kind);
    expect(kinds).toEqual(['picture', 'superseded', 'superseded', 'picture']);
    expect((await other).kind).toBe('picture');
    expect(port(0).requests.map(({ source }) => source.split('\n')[1])).toEqual(
      ['a', 'd', 'other']
    );
  });

  it('stops a runaway and draws the next with a new worker', async () => {
    ports.length = 0;
    const first = renderer.render(text('slow'));
    port(0).reply({ ready: true });
    await vi.advanceTimersByTimeAsync(19_000);
    const second = renderer.render(text('next'));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await first).toMatchObject({ kind: 'timeout' });
    expect(port(0).terminated).toBe(true);
    expect(ports).toHaveLength(2);
    port(1).reply({ ready: true });
    port(1).answer();
    expect(await second).toMatchObject({
      kind: 'picture',
      svg: '<svg>next</svg>'
    });
  });

  it('gives a warm worker less time', async () => {
    const first = renderer.render(text('one'));
    port(0).reply({ ready: true });
    port(0).answer();
    await first;
    const second = renderer.render(text('two'));
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await second).kind).toBe('timeout');
  });

  it('cuts a drawing short when its text was mended meanwhile', async () => {
    const first = renderer.render(text('one'), { key: 'x' });
    port(0).reply({ ready: true });
    port(0).answer();
    await first;
    const runaway = renderer.render(text('runaway'), { key: 'x' });
    await vi.advanceTimersByTimeAsync(400);
    const elsewhere = renderer.render(text('other'), { key: 'y' });
    const mended = renderer.render(text('mended'), { key: 'x' });
    await vi.advanceTimersByTimeAsync(599);
    expect(port(0).terminated).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(port(0).terminated).toBe(true);
    expect((await runaway).kind).toBe('superseded');
    for (const label of ['other', 'mended']) {
      port(1).reply({ ready: true });
      expect(port(1).requests.at(-1)?.source).toBe(text(label));
      port(1).answer();
    }
    expect((await elsewhere).kind).toBe('picture');
    expect((await mended).kind).toBe('picture');
  });

  it('leaves a drawing that nobody needs sooner, and one that is slow by nature', async () => {
    const first = renderer.render(text('one'), { key: 'x' });
    port(0).reply({ ready: true });
    port(0).answer(2_000);
    await first;
    const slow = renderer.render(text('slow'), { key: 'x' });
    const other = renderer.render(text('other'), { key: 'y' });
    await vi.advanceTimersByTimeAsync(4_000);
    const newer = renderer.render(text('newer'), { key: 'x' });
    await vi.advanceTimersByTimeAsync(1_900);
    port(0).answer();
    expect((await slow).kind).toBe('picture');
    port(0).answer();
    expect((await other).kind).toBe('picture');
    port(0).answer();
    expect((await newer).kind).toBe('picture');
    expect(ports).toHaveLength(1);
  });

  it('ignores the answer of a drawing that it gave up', async () => {
    const first = renderer.render(text('one'));
    port(0).reply({ ready: true });
    const late = port(0).onmessage;
    await vi.advanceTimersByTimeAsync(20_000);
    await first;
    const second = renderer.render(text('two'));
    port(1).reply({ ready: true });
    late?.({
      data: { id: port(0).requests[0]!.id, svg: '<svg/>', duration: 1 }
    } as MessageEvent<WorkerReply>);
    port(1).answer();
    expect(await second).toMatchObject({ svg: '<svg>two</svg>' });
  });

  it('says that the engine could not be loaded, and tries again', async () => {
    const first = renderer.render(text('one'));
    port(0).onerror?.({ message: 'no such file' } as ErrorEvent);
    expect(await first).toMatchObject({ kind: 'failed' });
    const second = renderer.render(text('two'));
    port(1).reply({ ready: true });
    port(1).answer();
    expect((await second).kind).toBe('picture');
  });

  it('refuses text beyond the limit and has nothing to draw for blank text', async () => {
    expect((await renderer.render('x'.repeat(1001))).kind).toBe('failed');
    expect((await renderer.render('  \n')).kind).toBe('empty');
    expect(ports).toHaveLength(0);
  });

  it('answers everybody when it is disposed', async () => {
    const results = [renderer.render(text('a')), renderer.render(text('b'))];
    renderer.dispose();
    expect((await Promise.all(results)).map(({ kind }) => kind)).toEqual([
      'superseded',
      'superseded'
    ]);
    expect(port(0).terminated).toBe(true);
  });
});

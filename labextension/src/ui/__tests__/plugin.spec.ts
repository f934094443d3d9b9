import type { JupyterFrontEnd } from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Token } from '@lumino/coreutils';
import { describe, expect, it } from 'vitest';
import { plugin } from '../plugin';

const IOne = new Token<{ n: 1 }>('test:IOne');
const ITwo = new Token<{ n: 2 }>('test:ITwo');

describe('plugin', () => {
  const made = plugin({
    id: '@plant-together/jupyterlab:test',
    description: 'A test.',
    requires: { one: IOne },
    optional: { two: ITwo },
    activate: ({ app, id, one, two, translator }) => {
      expect(app).toBe(lab);
      expect(id).toBe('@plant-together/jupyterlab:test');
      expect(translator).toBe(nullTranslator);
      expect([one.n, two?.n]).toEqual(wanted);
    }
  });
  const lab = {} as JupyterFrontEnd;
  let wanted: unknown[];

  it('asks for its tokens, and the translator last', () => {
    expect(made.autoStart).toBe(true);
    expect(made.requires).toEqual([IOne]);
    expect(made.optional).toEqual([ITwo, ITranslator]);
  });

  it('hands on by name what Lab gives by place', () => {
    wanted = [1, 2];
    void made.activate(lab, { n: 1 }, { n: 2 }, nullTranslator);
    wanted = [1, undefined];
    void made.activate(lab, { n: 1 }, null, null);
    expect.assertions(8);
  });
});

/**
 * What the engine's answer means. A syntax error arrives as a picture of an
 * error page, through the success callback.
 */

import { answers } from '../shared/answers';
import { stripped } from './blocks';

const { patterns } = answers;
const ENTITIES: Readonly<Record<string, string>> = answers.entities;
const ENTITY = new RegExp(Object.keys(ENTITIES).join('|'), 'g');
const COMPLAINTS = new RegExp(patterns.complaint, 'gis');

function unescape(text: string): string {
  return text.replace(ENTITY, entity => ENTITIES[entity] ?? entity);
}

/** What is wrong with a picture, in the engine's own words. */
export interface IFinding {
  kind: 'syntax' | 'unsupported' | 'data';
  /** 1-based, in the given block; `null` when the engine does not say. */
  line: number | null;
  complaints: string[];
}

/** The engine's complaint about a picture. */
export function diagnosePicture(svg: string): IFinding | null {
  if (patterns.errorPage.test(svg)) {
    const where = patterns.where.exec(svg);
    const said = [...svg.matchAll(COMPLAINTS)]
      .map(match => stripped(unescape(match[1] ?? '')).replace(/\u00a0/g, ' '))
      .filter(text => text);
    return {
      kind: 'syntax',
      line: where ? Number(where[2]) : null,
      complaints: said.length ? [...new Set(said)] : ['Syntax Error?']
    };
  }
  if (patterns.unsupported.test(svg)) {
    return { kind: 'unsupported', line: 1, complaints: [] };
  }
  if (patterns.badData.test(svg)) {
    return { kind: 'data', line: 2, complaints: [] };
  }
  return null;
}

/** The engine's recursion was deeper than the worker's stack. */
export function isStackOverflow(error: string | undefined): boolean {
  return error !== undefined && patterns.overflow.test(error);
}

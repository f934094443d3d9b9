/**
 * The one place that names the worker's file: the bundler makes chunks of its
 * own from it, which load at the first drawing.
 */
import type { IWorkerPort } from './renderer';

export function createWorker(): IWorkerPort {
  return new Worker(new URL('./worker.js', import.meta.url));
}

/**
 * The worker's entry: answers each request with a picture or an error.
 */
import { render } from './engine';
import type { IWorkerAnswer, IWorkerRequest, WorkerReply } from './protocol';

// The project compiles against the DOM; here `self` is a worker.
const scope = self as unknown as {
  onmessage: ((event: MessageEvent<IWorkerRequest>) => Promise<void>) | null;
  postMessage(message: WorkerReply): void;
};

scope.onmessage = async ({ data }) => {
  const begin = performance.now();
  let answer: Pick<IWorkerAnswer, 'svg' | 'error'>;
  try {
    answer = await render(data.source, data.dark);
  } catch (reason) {
    answer = { error: String(reason) };
  }
  scope.postMessage({
    id: data.id,
    ...answer,
    duration: performance.now() - begin
  });
};

scope.postMessage({ ready: true });

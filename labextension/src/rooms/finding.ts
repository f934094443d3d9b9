/** Which document is at a path, also while the server is away. */
import type { IDocument } from './api';
import { isUnreachable } from './errors';
import { parsePath } from './paths';
import type { RoomsServices } from './services';

/**
 * Ask the server, or remember while it is away.
 *
 * @throws When there is none, or when the server gives no answer and nothing is
 * remembered of it.
 */
export async function findDocument(
  services: RoomsServices,
  path: string
): Promise<IDocument> {
  const parsed = parsePath(path);
  if (parsed.kind !== 'document') {
    throw new Error(`No document can be at ${path}.`);
  }
  try {
    return await services.document(parsed.room, parsed.name);
  } catch (error) {
    const known = services.catalogue.document(parsed.room, parsed.name);
    if (known && isUnreachable(error)) {
      return known;
    }
    throw error;
  }
}

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 5000;

/**
 * Repeat `attempt` until the server gives an answer; nothing has to be pressed.
 *
 * @throws What the server answers, or the last failure once it is over.
 */
export async function whenReachable(
  attempt: () => Promise<void>,
  options: { isOver: () => boolean; onAway: () => void }
): Promise<void> {
  for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (!isUnreachable(error) || options.isOver()) {
        throw error;
      }
      options.onAway();
      await new Promise(resolve => setTimeout(resolve, pause));
      if (options.isOver()) {
        throw error;
      }
    }
  }
}

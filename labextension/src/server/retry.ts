/** Tries again while the server gives no answer. */
import { isUnreachable } from './errors';

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 5000;

/**
 * Repeat `attempt` until the server gives an answer; nothing has to be pressed.
 *
 * @throws What the server answers, or the last failure once it is over.
 */
export async function retryWhileUnreachable(
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

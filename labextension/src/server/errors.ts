/**
 * Answers of the server that are errors, with the server's sentence.
 */
import { ServerConnection } from '@jupyterlab/services';

/** An error answer of the server: `response.status`, `code`, a sentence. */
export class RoomsError extends ServerConnection.ResponseError {
  constructor(
    response: Response,
    readonly code: string,
    message: string
  ) {
    super(response, message);
    this.name = 'RoomsError';
  }

  /** @throws RoomsError Where it is an error answer. */
  static async check(response: Response): Promise<Response> {
    if (!response.ok) {
      throw await RoomsError.from(response);
    }
    return response;
  }

  /** Read the body of an error answer. */
  static async from(response: Response): Promise<RoomsError> {
    let code = '';
    let message = '';
    try {
      const body = (await response.clone().json()) as {
        error?: unknown;
        message?: unknown;
      };
      code = typeof body.error === 'string' ? body.error : '';
      message = typeof body.message === 'string' ? body.message : '';
    } catch {
      // An answer of somebody else (a proxy, Jupyter's own 404): no JSON.
    }
    return new RoomsError(
      response,
      code,
      message || `${response.status} ${response.statusText}`
    );
  }
}

/** What the codes of errors begin with where a gateway lets nobody in. */
export const CLOSED = 'gateway:';

/**
 * Whether an error means that the server gave no answer of its own, or that a
 * gateway does not let this browser in (see `Access`): what is remembered
 * serves meanwhile.
 */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof ServerConnection.NetworkError) {
    return true;
  }
  if (error instanceof RoomsError && error.code.startsWith(CLOSED)) {
    return true;
  }
  const status = statusOf(error);
  return status === 502 || status === 503 || status === 504;
}

/** The HTTP status of an error answer, if it is one. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof ServerConnection.ResponseError
    ? error.response.status
    : undefined;
}

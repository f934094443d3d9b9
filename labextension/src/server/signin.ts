/**
 * Signing in at a gateway: its page `signin`, in a hidden frame or a window.
 *
 * A `fetch` cannot follow a hub's OAuth to its end, a page can. Signed in, the
 * page posts the XSRF token, which no script here could read from the
 * gateway's cookie. A message counts only if it comes from the very frame or
 * window that was opened and from the gateway's origin.
 */

/** What the gateway's page tells. */
export interface ISignedIn {
  xsrf: string;
  user: string;
}

/** How to sign in; `null` where that did not succeed. */
export interface ISignIn {
  /** Without the user: succeeds where the hub's sign-in is still good. */
  byFrame(url: string): Promise<ISignedIn | null>;
  /** By the user, after they pressed something. */
  byWindow(url: string): Promise<ISignedIn | null>;
}

const TYPE = 'plant-together:signed-in';
const TIMEOUT = 15_000;
/** What was posted before the end arrives soon after it. */
const GRACE = 1500;
const LOOK_EVERY = 250;

export const signIn: ISignIn = { byFrame, byWindow };

function byFrame(url: string): Promise<ISignedIn | null> {
  const frame = document.createElement('iframe');
  frame.hidden = true;
  return new Promise(resolve => {
    const done = (told: ISignedIn | null) => {
      stop();
      timers.forEach(clearTimeout);
      frame.remove();
      resolve(told);
    };
    const stop = listen(url, () => frame.contentWindow, done);
    const timers = [setTimeout(() => done(null), TIMEOUT)];
    // A page of the hub instead (it wants a password): nothing will come.
    frame.addEventListener('load', () => {
      timers.push(setTimeout(() => done(null), GRACE));
    });
    frame.src = url;
    document.body.append(frame);
  });
}

function byWindow(url: string): Promise<ISignedIn | null> {
  const opened = window.open(
    url,
    'plant-together-signin',
    'width=560,height=680'
  );
  if (!opened) {
    return Promise.resolve(null); // The browser blocks windows.
  }
  return new Promise(resolve => {
    const done = (told: ISignedIn | null) => {
      stop();
      clearInterval(timer);
      resolve(told);
    };
    const stop = listen(url, () => opened, done);
    const timer = setInterval(() => {
      if (opened.closed) {
        clearInterval(timer);
        setTimeout(() => done(null), GRACE);
      }
    }, LOOK_EVERY);
  });
}

/** Wait for the page's message; the result stops it. */
function listen(
  url: string,
  source: () => Window | null,
  heard: (told: ISignedIn) => void
): () => void {
  const { origin } = new URL(url);
  const onMessage = (event: MessageEvent) => {
    const data = event.data as Partial<Record<string, unknown>> | null;
    if (
      event.origin === origin &&
      event.source === source() &&
      data?.type === TYPE &&
      typeof data.xsrf === 'string'
    ) {
      heard({ xsrf: data.xsrf, user: String(data.user) });
    }
  };
  window.addEventListener('message', onMessage);
  return () => window.removeEventListener('message', onMessage);
}

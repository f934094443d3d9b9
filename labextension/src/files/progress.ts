/**
 * Something that takes a while: a dialog with a bar and a way to stop it. What
 * is done in a moment shows none.
 */
import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { element } from '../ui/dom';
import { FormDialog } from '../ui/formdialog';

const MOMENT = 200;

/** Say how far it is: in words, and from 0 to 1 where that is known. */
export type Report = (words: string, part: number | null) => void;

/**
 * Do it, with the dialog.
 *
 * @returns What came out of it; `null` when the user stopped it.
 */
export async function withProgress<T>(
  title: string,
  trans: TranslationBundle,
  run: (signal: AbortSignal, report: Report) => Promise<T>
): Promise<T | null> {
  const stopped = new AbortController();
  const body = new ProgressBody();
  const dialog = dialogOf(title, body, trans);
  let isDone = false;
  let isShown = false;
  const timer = setTimeout(() => {
    isShown = true;
    void dialog.launch().then(() => {
      if (!isDone) {
        stopped.abort();
      }
    });
  }, MOMENT);
  try {
    const result = await run(stopped.signal, (words, part) =>
      body.tell(words, part)
    );
    return stopped.signal.aborted ? null : result;
  } catch (error) {
    if (stopped.signal.aborted) {
      return null;
    }
    throw error;
  } finally {
    isDone = true;
    clearTimeout(timer);
    if (isShown) {
      // It is attached a turn after it is launched.
      await new Promise(resolve => setTimeout(resolve, 0));
      dialog.resolve(0);
    }
    dialog.dispose();
  }
}

function dialogOf(
  title: string,
  body: Widget,
  trans: TranslationBundle
): Dialog<void> {
  const dialog = new FormDialog({
    title,
    body,
    buttons: [Dialog.cancelButton({ label: trans.__('Cancel') })]
  });
  dialog.addClass('ptg-ProgressDialog');
  return dialog;
}

class ProgressBody extends Widget {
  constructor() {
    super();
    this.addClass('ptg-Progress');
    this._words.setAttribute('role', 'status');
    this.node.append(this._words, this._bar);
  }

  tell(words: string, part: number | null): void {
    this._words.textContent = words;
    if (part === null) {
      this._bar.removeAttribute('value');
    } else {
      this._bar.value = Math.min(1, part);
    }
  }

  private readonly _words = element('p', 'ptg-Progress-words');
  private readonly _bar = element('progress', 'ptg-Progress-bar');
}

/** A size as people read it: `1.4 MB`. */
export function formatSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit ? size.toFixed(1) : size} ${units[unit]}`;
}

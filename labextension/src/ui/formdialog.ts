/**
 * A dialog whose fields take the keys that they need themselves: Enter in a
 * form is the form's, and Escape in what opened inside of the dialog closes
 * only that.
 */
import { Dialog } from '@jupyterlab/apputils';

/** Marks what Escape closes before it closes the dialog. */
export const INNER = 'ptg-mod-inner';

export class FormDialog<T = void> extends Dialog<T> {
  override handleEvent(event: Event): void {
    const { target } = event;
    if (event.type === 'keydown' && target instanceof HTMLElement) {
      const { key } = event as KeyboardEvent;
      if (
        (key === 'Enter' && target.closest('form')) ||
        (key === 'Escape' && target.closest(`.${INNER}`))
      ) {
        return;
      }
    }
    super.handleEvent(event);
  }
}

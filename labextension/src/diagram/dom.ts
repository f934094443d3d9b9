/** Small makers of DOM elements. */
import type { LabIcon } from '@jupyterlab/ui-components';

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...children);
  return node;
}

/** A button that shows an icon and tells its purpose to everybody. */
export function iconButton(
  icon: LabIcon,
  label: string,
  onClick: () => void
): HTMLButtonElement {
  const button = element('button', 'jp-Diagram-button');
  button.type = 'button';
  button.title = label;
  button.setAttribute('aria-label', label);
  icon.element({ container: button, tag: 'span' });
  // The icon's maker takes the class list for itself.
  button.className = 'jp-Diagram-button';
  button.addEventListener('click', onClick);
  return button;
}

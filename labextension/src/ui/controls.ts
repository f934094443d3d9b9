/** The makers of the small form parts that dialogs here are built of. */
import { element } from './dom';
import { roomsIcon } from './icons';
import { initialsOf, readableOn } from './identity';
import { colorOf } from './identity';

/** A person's or a group's disc. */
export function disc(name: string, kind: string): HTMLElement {
  const color = kind === 'user' ? colorOf(name) : '#757575';
  const node = element('span', 'ptg-Disc');
  if (kind === 'user') {
    node.textContent = initialsOf(name.replace(/[._@-]+/g, ' ')).slice(0, 2);
  } else {
    roomsIcon.element({ container: node, tag: 'span' });
    node.className = 'ptg-Disc';
  }
  node.classList.toggle('ptg-mod-group', kind !== 'user');
  node.style.setProperty('--ptg-person', color);
  node.style.setProperty('--ptg-person-text', readableOn(color));
  node.setAttribute('aria-hidden', 'true');
  return node;
}

/** A select box; `choices` are values and what they are called. */
export function select(
  label: string,
  choices: readonly (readonly [string, string])[],
  value: string
): HTMLSelectElement {
  const node = element('select', 'ptg-Select');
  node.setAttribute('aria-label', label);
  node.append(...choices.map(([key, text]) => new Option(text, key)));
  node.value = value;
  return node;
}

export function button(
  text: string,
  onClick: () => void,
  modifier = ''
): HTMLButtonElement {
  const node = element('button', `ptg-Button ${modifier}`.trim(), text);
  node.type = 'button';
  node.addEventListener('click', onClick);
  return node;
}

/** The place of one sentence about what did not work. */
export class ErrorLine {
  readonly node = element('p', 'ptg-Error');

  constructor() {
    this.node.setAttribute('role', 'alert');
    this.node.hidden = true;
  }

  show(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    this.node.textContent = text;
    this.node.hidden = false;
  }

  clear(): void {
    this.node.textContent = '';
    this.node.hidden = true;
  }
}

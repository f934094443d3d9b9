/**
 * Diagrams inside another document, such as a notebook's output.
 *
 * They are diagram widgets like any other, but no tab: the layout restorer
 * does not open them again, and the wheel scrolls the page around them.
 */
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { AttachedProperty } from '@lumino/properties';

/** Whether the widget of a context is part of another document. */
export const isEmbedded = new AttachedProperty<
  DocumentRegistry.Context,
  boolean
>({
  name: 'isEmbedded',
  create: () => false
});

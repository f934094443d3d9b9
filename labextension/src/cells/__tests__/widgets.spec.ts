/** What a kernel says that a widget shows, which is believed no more than a file. */
import { describe, expect, it, vi } from 'vitest';
import type { KernelModels } from '../kernelmodels';
import type { DiagramOutput } from '../output';
import { widgetClasses } from '../widgets';

const ROOM = `r_${'a'.repeat(26)}`;
const DOCUMENT = `d_${'a'.repeat(26)}`;

/** What the output is told when a view of a model with these values is drawn. */
function drawn(values: Record<string, unknown>) {
  class View {
    el = document.createElement('div');
    model = { get: (name: string) => values[name], model_id: 'w' };
    displayed = new Promise<void>(() => undefined);
    render(): void {
      // The base class's own.
    }
  }
  const output = { open: vi.fn(), refuse: vi.fn() };
  const { DiagramView } = widgetClasses(
    { DOMWidgetModel: class {}, DOMWidgetView: View } as never,
    {} as KernelModels,
    () => output as unknown as DiagramOutput
  );
  new (DiagramView as typeof View)().render();
  return output;
}

describe('a widget', () => {
  it('shows the document that its model names', () => {
    const output = drawn({ room_id: ROOM, document_id: DOCUMENT });
    expect(output.refuse).not.toHaveBeenCalled();
    expect(output.open).toHaveBeenCalledWith(
      expect.objectContaining({ room_id: ROOM, id: DOCUMENT, widget: 'w' })
    );
  });

  it.each([
    [ROOM, '../../../api/contents/secret'],
    ['r_x/../y', DOCUMENT],
    [`${ROOM}?x`, DOCUMENT],
    [ROOM, null],
    [7, DOCUMENT]
  ])('refuses the ids %s and %s', (room_id, document_id) => {
    const output = drawn({ room_id, document_id });
    expect(output.open).not.toHaveBeenCalled();
    expect(output.refuse).toHaveBeenCalled();
  });
});

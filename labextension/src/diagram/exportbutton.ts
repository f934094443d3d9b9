/** The toolbar's button that opens the menu of exports. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { ToolbarButton } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import { Menu } from '@lumino/widgets';
import { CommandIDs } from './commands';
import { exportIcon } from './icons';

export function createExportButton(
  commands: CommandRegistry,
  trans: TranslationBundle
): ToolbarButton {
  const menu = new Menu({ commands });
  for (const command of [CommandIDs.exportPicture, CommandIDs.copyPicture]) {
    for (const format of ['svg', 'png']) {
      menu.addItem({ command, args: { format } });
    }
    if (command === CommandIDs.exportPicture) {
      menu.addItem({ type: 'separator' });
    }
  }
  const button = new ToolbarButton({
    icon: exportIcon,
    label: trans.__('Export'),
    tooltip: trans.__('Export or copy the picture'),
    'aria-haspopup': 'menu',
    onClick: () => {
      const box = button.node.getBoundingClientRect();
      menu.open(box.left, box.bottom + 2);
    }
  });
  button.addClass('jp-Diagram-export');
  button.disposed.connect(() => menu.dispose());
  return button;
}

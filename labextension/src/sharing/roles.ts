/** What roles are called. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Role } from '../server/api';

export function roleName(role: Role, trans: TranslationBundle): string {
  switch (role) {
    case 'owner':
      return trans.__('Owner');
    case 'editor':
      return trans.__('May edit');
    case 'viewer':
      return trans.__('May look');
  }
}

export function roleChoices(
  trans: TranslationBundle,
  roles: readonly Role[] = ['viewer', 'editor', 'owner']
): [Role, string][] {
  return roles.map(role => [role, roleName(role, trans)]);
}

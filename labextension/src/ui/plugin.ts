/**
 * Makes the plugins of this extension: what they need comes by name instead of
 * by place, with the sentences in the user's language.
 */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Token } from '@lumino/coreutils';

/** What every plugin gets. */
interface IBasics {
  app: JupyterFrontEnd;
  /** The plugin's whole id, under which its settings are. */
  id: string;
  trans: TranslationBundle;
  /** For parts of Lab that translate themselves. */
  translator: ITranslator;
}

/** Tokens by the name under which a plugin gets their service. */
type Tokens = Record<string, Token<unknown>>;
type Service<T> = T extends Token<infer S> ? S : never;
type Required<T> = { [Name in keyof T]: Service<T[Name]> };
type Optional<T> = { [Name in keyof T]: Service<T[Name]> | null };

/** Make a plugin that is active from the start. */
export function plugin<
  R extends Tokens = Record<never, never>,
  O extends Tokens = Record<never, never>,
  T = void
>({
  requires,
  optional,
  activate,
  ...options
}: {
  id: string;
  description: string;
  provides?: Token<T>;
  requires?: R;
  optional?: O;
  activate: (parts: IBasics & Required<R> & Optional<O>) => T;
}): JupyterFrontEndPlugin<T> {
  const tokens = { ...requires, ...optional };
  return {
    ...options,
    autoStart: true,
    requires: Object.values(requires ?? {}),
    optional: [...Object.values(optional ?? {}), ITranslator],
    activate: (app: JupyterFrontEnd, ...services: unknown[]) => {
      const translator =
        (services.pop() as ITranslator | null) ?? nullTranslator;
      const named = Object.keys(tokens).map((name, i) => [name, services[i]]);
      return activate({
        ...(Object.fromEntries(named) as Required<R> & Optional<O>),
        app,
        id: options.id,
        translator,
        trans: translator.load('plant_together')
      });
    }
  };
}

/**
 * Whether authors are shown beside the text of diagrams: one switch for all,
 * kept in the user's settings.
 */
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

const KEY = 'show';

export class AuthorSwitch {
  get isOn(): boolean {
    return this._isOn;
  }

  get changed(): ISignal<this, boolean> {
    return this._changed;
  }

  /** Follow the user's settings from now on. */
  async load(registry: ISettingRegistry, plugin: string): Promise<void> {
    try {
      const settings = await registry.load(plugin);
      const read = () => this._set(settings.composite[KEY] === true);
      settings.changed.connect(read);
      this._settings = settings;
      read();
    } catch (reason) {
      // It works in this page all the same.
      console.warn(`No settings for ${plugin}`, reason);
    }
  }

  async toggle(): Promise<void> {
    this._set(!this._isOn);
    await this._settings?.set(KEY, this._isOn);
  }

  private _set(isOn: boolean): void {
    if (isOn !== this._isOn) {
      this._isOn = isOn;
      this._changed.emit(isOn);
    }
  }

  private _isOn = false;
  private _settings: ISettingRegistry.ISettings | null = null;
  private readonly _changed = new Signal<this, boolean>(this);
}

/**
 * Where the rooms are, and how to be allowed there.
 *
 * They are at the page's own Jupyter server, or on a JupyterHub at the gateway
 * that all users' servers share. The page names the gateway
 * (`plantTogetherGatewayUrl`), or the own server does when it is asked who we
 * are. Every REST call and every sync connection goes through here.
 */
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import { pathOf } from '../offline/storage';
import type { Access } from './access';
import { Gateway } from './gateway';
import { signIn } from './signin';
import { ticketWebSocket } from './ticketsocket';

/** What a document's connection needs. */
export interface IConnectionTarget {
  /** `wss://host/base/plant-together/sync` */
  url: string;
  /** Jupyter's token, when the page has one to show. */
  token: string;
  /** The class of the socket, where it is not the browser's own. */
  socket?: typeof WebSocket;
  /** We are let in (again): a good time to connect. */
  admitted?: ISignal<unknown, void>;
}

export class Endpoint {
  constructor(
    readonly serverSettings: ServerConnection.ISettings,
    private readonly _trans: TranslationBundle
  ) {
    const url = PageConfig.getOption('plantTogetherGatewayUrl');
    if (url) {
      this.moveTo(url);
    }
  }

  /** The gateway, or `null` where the rooms are at the own server. */
  get gateway(): Gateway | null {
    return this._gateway;
  }

  get access(): Access {
    return this._gateway ? this._gateway.access : 'ok';
  }

  get accessChanged(): ISignal<this, Access> {
    return this._accessChanged;
  }

  /** What tells one place of rooms from another in this browser's memory. */
  get name(): string {
    return this._gateway?.url ?? pathOf(this.serverSettings.baseUrl);
  }

  /** The rooms are at a gateway. */
  moveTo(url: string): void {
    const gateway = new Gateway(
      new URL(url, window.location.href).toString(),
      signIn,
      this._trans
    );
    gateway.changed.connect((_, access) => {
      this._accessChanged.emit(access);
      if (access === 'ok') {
        this._admitted.emit();
      }
    });
    this._gateway?.dispose();
    this._gateway = gateway;
  }

  /** The address of a REST call. */
  restUrl(path: string): string {
    return (
      this._gateway?.restUrl(path) ??
      `${URLExt.join(this.serverSettings.baseUrl, 'plant-together', 'api', 'v1')}/${path}`
    );
  }

  /** Ask for `path`, which follows `plant-together/api/v1/`. */
  request(path: string, init: RequestInit): Promise<Response> {
    return this._gateway
      ? this._gateway.request(path, init)
      : ServerConnection.makeRequest(
          this.restUrl(path),
          { cache: 'no-store', ...init },
          this.serverSettings
        );
  }

  connectionTarget(document: string): IConnectionTarget {
    const gateway = this._gateway;
    if (gateway) {
      return {
        url: `${gateway.url.replace(/^http/, 'ws')}plant-together/sync`,
        token: '',
        socket: ticketWebSocket(() => gateway.ticket(document)),
        admitted: this._admitted
      };
    }
    const { wsUrl, appendToken, token } = this.serverSettings;
    return {
      url: URLExt.join(wsUrl, 'plant-together', 'sync'),
      token: appendToken ? token : ''
    };
  }

  private _gateway: Gateway | null = null;
  private readonly _accessChanged = new Signal<this, Access>(this);
  private readonly _admitted = new Signal<this, void>(this);
}

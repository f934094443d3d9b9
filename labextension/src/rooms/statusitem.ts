/**
 * The status bar's word on the document in front: saved, saving, offline…
 *
 * "Saved" is a promise, so the item shows it only while it is true. Between
 * two keys it would come and go; therefore good news wait a moment and bad
 * news do not.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { accessText } from '../server/access';
import type { Endpoint } from '../server/endpoint';
import type { DocumentSession } from '../sync/session';
import type { ISessionStatus } from '../sync/status';
import { statusText } from '../sync/statustext';

const CALM = 350;

export class StatusItem extends Widget {
  constructor(
    private readonly _endpoint: Endpoint,
    private readonly _trans: TranslationBundle
  ) {
    super();
    _endpoint.accessChanged.connect(this._onAccess, this);
    this.addClass('ptg-Status');
    this._dot.className = 'ptg-Status-dot';
    this._text.className = 'ptg-Status-text';
    this.node.append(this._dot, this._text);
    this.node.setAttribute('role', 'status');
  }

  /** Whether there is something to tell. */
  get isActive(): boolean {
    return this._session !== null || this._accessText !== null;
  }

  /** Something else, or nothing, is told of. */
  get subjectChanged(): ISignal<this, void> {
    return this._subjectChanged;
  }

  /** The session to tell of, or `null` for none. */
  get session(): DocumentSession | null {
    return this._session;
  }
  set session(session: DocumentSession | null) {
    if (session === this._session) {
      return;
    }
    this._session?.statusChanged.disconnect(this._onStatus, this);
    this._session = session;
    clearTimeout(this._timer);
    this._timer = undefined;
    session?.statusChanged.connect(this._onStatus, this);
    this._onAccess();
  }

  override dispose(): void {
    this._endpoint.accessChanged.disconnect(this._onAccess, this);
    this.session = null;
    super.dispose();
  }

  private _onStatus(_: DocumentSession, status: ISessionStatus): void {
    clearTimeout(this._timer);
    this._timer = undefined;
    if (this._shown === 'saving' && status.kind === 'saved') {
      this._timer = setTimeout(() => this._show(status), CALM);
    } else {
      this._show(status);
    }
  }

  /** Whether we are let in where the rooms are, in words if not. */
  private get _accessText(): ReturnType<typeof accessText> {
    return accessText(this._endpoint.access, this._trans);
  }

  private _onAccess(): void {
    if (this._session) {
      this._show(this._session.status);
    } else {
      this._shown = null;
      const told = this._accessText;
      this._text.textContent = told?.text ?? '';
      this.node.title = told?.detail ?? '';
      this.node.dataset.tone = 'warn';
      delete this.node.dataset.kind;
    }
    this._subjectChanged.emit();
  }

  private _show(status: ISessionStatus): void {
    this._shown = status.kind;
    const told = statusText(status, this._trans, this._endpoint.access);
    this._text.textContent = told.text;
    this.node.title = told.detail;
    this.node.dataset.kind = status.kind;
    this.node.dataset.tone = told.tone;
  }

  private readonly _subjectChanged = new Signal<this, void>(this);
  private _session: DocumentSession | null = null;
  private _shown: string | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private readonly _dot = document.createElement('span');
  private readonly _text = document.createElement('span');
}

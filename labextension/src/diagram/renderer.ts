/**
 * Who draws: the page's own engine, and whoever draws what it cannot.
 */
import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import type { IRenderOptions, RenderResult } from '../render/protocol';

/** Draws PlantUML text, one picture at a time. */
export interface IDiagramRenderer {
  /**
   * Draw `source`; a later call with the same `key` makes an earlier one that
   * has not begun answer `superseded`.
   */
  render(source: string, options?: IRenderOptions): Promise<RenderResult>;
  /** Load the engine ahead of the first drawing. */
  warmUp(): void;
}

export const IDiagramRenderer = new Token<IDiagramRenderer>(
  '@plant-together/jupyterlab:IDiagramRenderer',
  'The PlantUML engine in its worker.'
);

/** Draws what the page's own engine cannot. */
export interface IFallbackRenderer extends IDisposable {
  /** Whether the page's engine need not try. */
  wants(source: string): boolean;
  /** As `IDiagramRenderer` does. */
  render(source: string, options: IRenderOptions): Promise<RenderResult>;
  /** What the last picture was made of is another now. */
  readonly changed: ISignal<unknown, void>;
}

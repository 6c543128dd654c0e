import type { PageSize } from '../preprocess/boxes.ts';
import type { PanelBox } from '../preprocess/panel-box.ts';

/** One panel as a caller gives it. What is left out is absent: nothing takes its place. */
export interface PanelInput {
  /** Path of the panel in the request, for errors: `input[3]` */
  readonly param: string;
  /** An encoded image; `field` is its path in the request */
  readonly image?: { readonly bytes: Uint8Array; readonly field: string } | undefined;
  readonly text?: { readonly value: string; readonly field: string } | undefined;
  /** Seven numbers */
  readonly composition?: Float32Array | undefined;
}

/** One panel of a page: its box, and its text or null. */
export interface PagePanelInput {
  readonly param: string;
  readonly box: PanelBox;
  /** Path of the box in the request, for errors */
  readonly boxField: string;
  /** The position in the reading order, from 1 */
  readonly panelNumber: number;
  readonly text: { readonly value: string; readonly field: string } | null;
}

export interface PageInput {
  /** Path of the page's image in the request, for errors: `pages[1].image` */
  readonly imageField: string;
  readonly image: Uint8Array;
  /** The size of the picture that the boxes were drawn on, if the caller knows it */
  readonly declaredSize: PageSize | null;
  readonly declaredSizeField: string;
  readonly panels: readonly PagePanelInput[];
}

import type { BBox, Box2d } from '../preprocess/boxes.ts';

/** One panel as a caller gives it. Whatever is left out is absent: nothing is made up for it. */
export interface PanelInput {
  /** Where the panel stands in the request, for errors: `input[3]` */
  readonly param: string;
  /** An encoded image; `field` is its own name in the request */
  readonly image?: { readonly bytes: Uint8Array; readonly field: string } | undefined;
  readonly text?: { readonly value: string; readonly field: string } | undefined;
  /** Seven numbers */
  readonly composition?: Float32Array | undefined;
}

export type PanelBox = { readonly bbox: BBox } | { readonly box2d: Box2d; readonly panelNumber: number };

/** One panel of a page: its place and what is written in it; null where there is no text. */
export interface PagePanelInput {
  readonly param: string;
  readonly box: PanelBox;
  readonly text: { readonly value: string; readonly field: string } | null;
}

export interface PageInput {
  /** Where the page's image stands in the request, for errors: `pages[1].image` */
  readonly imageField: string;
  readonly image: Uint8Array;
  readonly panels: readonly PagePanelInput[];
}

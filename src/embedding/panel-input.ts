import type { BBox, Box2d } from '../preprocess/boxes.ts';

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

export type PanelBox = { readonly bbox: BBox } | { readonly box2d: Box2d; readonly panelNumber: number };

/** One panel of a page: its box, and its text or null. */
export interface PagePanelInput {
  readonly param: string;
  readonly box: PanelBox;
  readonly text: { readonly value: string; readonly field: string } | null;
}

export interface PageInput {
  /** Path of the page's image in the request, for errors: `pages[1].image` */
  readonly imageField: string;
  readonly image: Uint8Array;
  readonly panels: readonly PagePanelInput[];
}

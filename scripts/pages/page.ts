import type { Lettering } from './lettering/balloon.ts';

export const PAGE_WIDTH = 900;
export const PAGE_HEIGHT = 1200;

/** Pixels of the page */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export type DrawFunction = (width: number, height: number) => string;

export interface Panel {
  readonly box: Box;
  /** One sentence about the picture, for the labels */
  readonly description: string;
  readonly draw: DrawFunction;
  readonly lettering: readonly Lettering[];
}

interface PageImage {
  readonly name: string;
  readonly format: 'jpg' | 'png' | 'webp';
}

/** Panels in reading order */
export interface NarrativePage extends PageImage {
  readonly kind: 'narrative';
  readonly summary: string;
  readonly panels: readonly Panel[];
}

export interface PlainPage extends PageImage {
  readonly kind: 'cover' | 'credits';
  readonly draw: DrawFunction;
}

export type Page = NarrativePage | PlainPage;

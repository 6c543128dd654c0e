import { readFileSync } from 'node:fs';
import path from 'node:path';
import { panelsSchema } from '../../../src/datasets/dataset-spec.ts';
import { readPagePanels } from '../../../src/datasets/panel-files/page-panels.ts';
import type { PageSize } from '../../../src/preprocess/boxes.ts';

export const PAGE = { width: 900, height: 1200 };

/** A file of the fixtures, parsed. */
export function fixture(name: string): unknown {
  return JSON.parse(readFileSync(path.join(import.meta.dirname, '../../fixtures', `${name}.json`), 'utf8'));
}

export interface Options {
  readonly page?: PageSize;
  readonly texts?: unknown;
  readonly [field: string]: unknown;
}

/** Reads a file and lists what its panels are made of. */
export function read(json: unknown, { page = PAGE, texts, ...fields }: Options = {}) {
  const { panels, notes, skipped, problem } = readPagePanels(json, panelsSchema.parse(fields), page, 16, texts);
  return {
    crops: panels.map(({ crop: { left, top, right, bottom } }) => [left, top, right, bottom]),
    texts: panels.map(({ text }) => text),
    words: panels.map(({ description, lettering }) => ({ description, lettering })),
    compositions: panels.map(({ composition }) => [...composition]),
    notes: notes.map(({ note }) => note),
    reasons: skipped.map(({ reason }) => reason),
    problem,
  };
}

/** The areas of each panel's texts: left, top, right, bottom. */
export function readTextAreas(json: unknown): number[][][] {
  const { panels } = readPagePanels(json, panelsSchema.parse({}), PAGE, 16);
  return panels.map(({ textAreas }) => textAreas.map(({ left, top, right, bottom }) => [left, top, right, bottom]));
}

/** The crops of the two panels that the fixtures of all tools have. */
export const CROPS = [
  [30, 30, 870, 410],
  [30, 430, 430, 1130],
];

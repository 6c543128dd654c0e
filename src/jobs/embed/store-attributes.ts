import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { PanelvecError } from '../../errors.ts';
import type { Model } from '../../model/model.ts';
import { canonicalJson, type JsonObject } from '../../util/json.ts';
import { ATTRIBUTES } from '../../zarr/zarr-metadata.ts';
import type { PageIndex } from '../pages/page-index-file.ts';
import type { EmbedSpec } from './embed-spec.ts';

/** The attributes of a store: what it was made from. Nothing that differs from run to run, such as time or machine. */
export function buildStoreAttributes(
  { dataset, empty_pages }: EmbedSpec,
  model: Model,
  index: Pick<PageIndex, 'sha256'>,
): JsonObject {
  const { format, root: _, texts, ...panelOptions } = dataset.panels;
  return {
    model: model.id,
    space: model.space,
    dimensions: model.spec.dimensions,
    panels_format: format,
    panel_options: { ...panelOptions, texts: texts?.format ?? null },
    image_options: dataset.images,
    max_panels_per_page: dataset.max_panels_per_page,
    only_narrative: dataset.only_narrative,
    empty_pages,
    // Also of the paths of all files
    pages_sha256: index.sha256,
  };
}

/** @throws PanelvecError output_conflict if there is a store that was made from something else */
export async function assertSameStore(store: string, expected: JsonObject, output: string): Promise<void> {
  const existing = await readStoreAttributes(store);
  if (existing === undefined) return;
  const key = Object.keys(expected).find((name) => canonicalJson(existing[name]) !== canonicalJson(expected[name]));
  if (key === undefined) return;
  const found = existing[key] === undefined ? 'an earlier version did not write it' : canonicalJson(existing[key]);
  const difference = `another ${key} (${found}; expected ${canonicalJson(expected[key])})`;
  throw outputConflict(`the store "${output}" is there already with ${difference}: choose another name`);
}

/**
 * Makes sure that the vectors of a part go to those of the parts before: the model or the code may have been replaced since.
 * @throws PanelvecError output_conflict
 */
export async function assertSameSpace(store: string, { id, space }: Model): Promise<void> {
  const existing = await readStoreAttributes(store);
  if (existing?.['space'] === space) return;
  const difference = `in the space ${existing?.['space']}, and ${id} now embeds into ${space}`;
  throw outputConflict(`the store was begun ${difference}: choose another name`);
}

/** The attributes of a store, finished or not; undefined where there is none. */
export async function readStoreAttributes(store: string): Promise<JsonObject | undefined> {
  const text = await readFile(path.join(store, ATTRIBUTES), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

function outputConflict(message: string): PanelvecError {
  return new PanelvecError('output_conflict', message, { param: 'output' });
}

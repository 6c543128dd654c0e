import type { Config } from '../../config.ts';
import { PanelvecError } from '../../errors.ts';
import type { PanelResponse } from '../../http/routes/collections/panel-response.ts';
import { readImageSource } from '../image-sources.ts';
import { printableText } from '../printable-text.ts';
import { ServiceClient } from '../service-client.ts';
import { listCollections } from './collections-commands.ts';

export interface SearchFlags {
  readonly collection?: string;
  readonly image?: string;
  readonly topK?: number;
}

type SearchResult = PanelResponse & { readonly score: number; readonly near_duplicate_of: string | null };

/** Searches a collection by words, a picture or both, and writes a line for each panel, best first. */
export async function searchCommand(config: Config, words: readonly string[], flags: SearchFlags): Promise<void> {
  if (words.length === 0 && flags.image === undefined)
    throw new PanelvecError('invalid_request', 'give words, an --image, or both');
  const client = new ServiceClient(config);
  const image =
    flags.image === undefined ? undefined : await readImageSource({ file: flags.image }, config.maxImageBytes);
  const query = {
    collection: flags.collection ?? (await findOnlyCollection(client)),
    ...(words.length > 0 && { text: words.join(' ') }),
    ...(image && { image: `data:application/octet-stream;base64,${image.toString('base64')}` }),
    ...(flags.topK !== undefined && { top_k: flags.topK }),
  };
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify(query);
  const { data } = await client.requestJson<{ data: SearchResult[] }>('POST', '/v1/search', { headers, body });
  for (const result of data) process.stdout.write(`${describeResult(result)}\n`);
}

/** @throws PanelvecError if there is none, or more than one */
async function findOnlyCollection(client: ServiceClient): Promise<string> {
  const names = (await listCollections(client)).map(({ name }) => name);
  const [only] = names;
  if (only === undefined) throw new PanelvecError('not_found', 'there is no collection yet: submit an index job');
  if (names.length === 1) return only;
  throw new PanelvecError('invalid_request', `give --collection, one of ${names.join(', ')}`);
}

function describeResult({ score, canonical_id, panel, number, text, near_duplicate_of }: SearchResult): string {
  const name = `panel ${number ?? panel + 1}`;
  const note = near_duplicate_of === null ? '' : '(like an earlier one)';
  const fields = [score.toFixed(3), printableText(canonical_id), name, printableText(text ?? ''), note];
  return fields.filter((field) => field !== '').join('  ');
}

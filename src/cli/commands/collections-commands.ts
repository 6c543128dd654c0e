import type { Config } from '../../config.ts';
import type { CollectionResponse } from '../../http/routes/collections/collection-schemas.ts';
import { printableText } from '../printable-text.ts';
import { ServiceClient } from '../service-client.ts';

export async function listCollectionsCommand(config: Config): Promise<void> {
  for (const collection of await listCollections(new ServiceClient(config))) {
    process.stdout.write(`${describeCollection(collection)}\n`);
  }
}

export async function showCollectionCommand(config: Config, name: string): Promise<void> {
  const client = new ServiceClient(config);
  const collection = await client.requestJson<CollectionResponse>('GET', pathOf(name));
  process.stdout.write(`${JSON.stringify(collection, undefined, 2)}\n`);
}

export async function deleteCollectionCommand(config: Config, name: string): Promise<void> {
  await new ServiceClient(config).requestJson('DELETE', pathOf(name));
  process.stdout.write(`deleted ${printableText(name)}\n`);
}

export async function listCollections(client: ServiceClient): Promise<CollectionResponse[]> {
  return (await client.requestJson<{ data: CollectionResponse[] }>('GET', '/v1/collections')).data;
}

function pathOf(name: string): string {
  return `/v1/collections/${encodeURIComponent(name)}`;
}

/** Describes a collection in one line. */
function describeCollection({ name, model, space, pages, panels, ready_at, searchable }: CollectionResponse): string {
  const readyAt = new Date(ready_at * 1000).toISOString();
  const problem = searchable ? '' : 'no served model has its space';
  return [name, model, space, `${pages} pages`, `${panels} panels`, readyAt, problem].join('  ').trimEnd();
}

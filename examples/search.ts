/** Searches panels by picture and by text. Start the service, then run `node examples/search.ts`. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';

const SERVICE = process.env['PANELVEC_URL'] ?? 'http://127.0.0.1:8080';
const BOOK = 'Moonlit Harbor';
const TOP_K = 3;

interface VlmPage {
  readonly panels: readonly { readonly panel_number: number; readonly description: string }[];
}
interface PageEmbeddings {
  readonly canonical_id: string;
  readonly panel_embeddings: readonly (readonly number[])[];
}
interface EmbeddingResponse {
  readonly data: readonly { readonly embedding: readonly number[] }[];
}
interface IndexedPanel {
  readonly title: string;
  readonly vector: readonly number[];
}

const readExample = (name: string) => readFile(path.join(import.meta.dirname, name));

async function postEmbeddings<T>(kind: string, init: RequestInit): Promise<T> {
  const response = await fetch(`${SERVICE}/v1/embeddings/${kind}`, { method: 'POST', ...init });
  if (!response.ok) throw new Error(`${kind}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Embeds every panel of the narrative pages in one request. Each page names the form part that holds its picture. */
async function indexBook(): Promise<IndexedPanel[]> {
  const pageTypes: Record<string, string> = JSON.parse((await readExample('pss_labels.json')).toString());
  const [, ...manifestLines] = (await readExample('manifest.csv')).toString().trim().split('\n');
  const form = new FormData();
  const pages: object[] = [];
  const titles = new Map<string, string[]>();
  for (const line of manifestLines) {
    const [id = '', image = ''] = line.split(',');
    if (pageTypes[id] !== 'narrative') continue;
    const vlmPage: VlmPage = JSON.parse((await readExample(`vlm/${id}.json`)).toString());
    pages.push({ ...vlmPage, canonical_id: id, image });
    titles.set(
      id,
      vlmPage.panels.map(({ panel_number, description }) => `${id} panel ${panel_number}: ${description}`),
    );
    form.append(image, new Blob([await readExample(image)]), path.basename(image));
  }
  // For vectors of unit length the cosine similarity is their dot product.
  form.append('request', JSON.stringify({ pages, normalize: true }));
  const { data } = await postEmbeddings<{ data: PageEmbeddings[] }>('page', { body: form });
  return data.flatMap(({ canonical_id, panel_embeddings }) =>
    panel_embeddings.map((vector, i) => ({ title: titles.get(canonical_id)?.[i] ?? canonical_id, vector })),
  );
}

async function embedImage(image: Buffer): Promise<readonly number[]> {
  const init = { body: new Uint8Array(image), headers: { 'content-type': 'image/png' } };
  return firstEmbedding(await postEmbeddings('image?normalize=true', init));
}

async function embedText(input: string): Promise<readonly number[]> {
  const init = { body: JSON.stringify({ input, normalize: true }), headers: { 'content-type': 'application/json' } };
  return firstEmbedding(await postEmbeddings('text', init));
}

function firstEmbedding({ data: [first] }: EmbeddingResponse): readonly number[] {
  if (first === undefined) throw new Error('the response has no embedding');
  return first.embedding;
}

function printNearest(panels: readonly IndexedPanel[], query: readonly number[]): void {
  const cosine = ({ vector }: IndexedPanel) => vector.reduce((sum, value, i) => sum + value * (query[i] ?? 0), 0);
  const ranked = panels.map((panel) => ({ ...panel, score: cosine(panel) })).sort((a, b) => b.score - a.score);
  for (const { title, score } of ranked.slice(0, TOP_K)) console.log(`  ${score.toFixed(3)}  ${title}`);
}

const panels = await indexBook();
console.log(`${panels.length} panels of ${BOOK}`);

console.log('\nA picture: the cat and its crate, cut out of page_001 a little closer than its panel');
const crop = { left: 120, top: 440, width: 260, height: 320 };
const page = sharp(await readExample('pages/page_001.jpg'));
printNearest(panels, await embedImage(await page.extract(crop).png().toBuffer()));

const words = 'a lighthouse shining over the sea at night';
console.log(`\nWords: ${words}`);
printNearest(panels, await embedText(words));

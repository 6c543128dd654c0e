/** Finds panels by picture and by words: `node examples/search.ts`, with the service running. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';

const SERVICE = process.env['PANELVEC_URL'] ?? 'http://127.0.0.1:8080';
const BOOK = 'Moonlit Harbor';
const TOP_K = 3;

interface VlmPage {
  readonly panels: readonly { readonly panel_number: number; readonly description: string }[];
}
interface Row {
  readonly page: string;
  readonly panel: VlmPage['panels'][number];
  readonly vector: readonly number[];
}

const read = (name: string) => readFile(path.join(import.meta.dirname, name));

async function postEmbeddings<T>(kind: string, init: RequestInit): Promise<T> {
  const response = await fetch(`${SERVICE}/v1/embeddings/${kind}`, { method: 'POST', ...init });
  if (!response.ok) throw new Error(`${kind}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Every panel of the narrative pages in one request: a page names the form part that holds its picture. */
async function indexBook(): Promise<Row[]> {
  const kinds: Record<string, string> = JSON.parse((await read('pss_labels.json')).toString());
  const manifest = (await read('manifest.csv')).toString().trim().split('\n').slice(1);
  const narrative = manifest.map((line) => line.split(',')).filter(([id]) => kinds[id!] === 'narrative');
  const form = new FormData();
  const pages: (VlmPage & { canonical_id: string; image: string })[] = [];
  for (const [id, image] of narrative) {
    const vlm: VlmPage = JSON.parse((await read(`vlm/${id}.json`)).toString());
    pages.push({ ...vlm, canonical_id: id!, image: image! });
    form.append(image!, new Blob([await read(image!)]), path.basename(image!));
  }
  // With unit length the cosine of two vectors is their dot product.
  form.append('request', JSON.stringify({ pages, normalize: true }));
  const { data } = await postEmbeddings<{ data: { panel_embeddings: number[][] }[] }>('page', { body: form });
  return data.flatMap(({ panel_embeddings }, i) => {
    const { canonical_id: page, panels } = pages[i]!;
    return panel_embeddings.map((vector, row) => ({ page, panel: panels[row]!, vector }));
  });
}

type EmbeddingResponse = { data: { embedding: number[] }[] };

async function embedImage(image: Buffer): Promise<number[]> {
  const body = { body: new Uint8Array(image), headers: { 'content-type': 'image/png' } };
  return (await postEmbeddings<EmbeddingResponse>('image?normalize=true', body)).data[0]!.embedding;
}

async function embedText(input: string): Promise<number[]> {
  const body = { body: JSON.stringify({ input, normalize: true }), headers: { 'content-type': 'application/json' } };
  return (await postEmbeddings<EmbeddingResponse>('text', body)).data[0]!.embedding;
}

function printNearest(rows: readonly Row[], query: readonly number[]): void {
  const cosine = ({ vector }: Row) => vector.reduce((sum, value, i) => sum + value * query[i]!, 0);
  const ranked = rows.map((row) => ({ ...row, score: cosine(row) })).sort((a, b) => b.score - a.score);
  for (const { page, panel, score } of ranked.slice(0, TOP_K))
    console.log(`  ${score.toFixed(3)}  ${page} panel ${panel.panel_number}: ${panel.description}`);
}

const rows = await indexBook();
console.log(`${rows.length} panels of ${BOOK}`);

console.log('\nA picture: the cat and its crate, cut out of page_001 a little closer than its panel');
const crop = { left: 120, top: 440, width: 260, height: 320 };
printNearest(
  rows,
  await embedImage(
    await sharp(await read('pages/page_001.jpg'))
      .extract(crop)
      .png()
      .toBuffer(),
  ),
);

const words = 'a lighthouse shining over the sea at night';
console.log(`\nWords: ${words}`);
printNearest(rows, await embedText(words));

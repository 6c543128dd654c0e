import { escapeNonAscii } from '../../util/json.ts';
import type { RecordedPage } from '../pages/recorded-pages.ts';

/** Yields the metadata as Stage 3's json.dump writes it: a list in ASCII, indented by two blanks; its own keys come first. */
export async function* metadataChunks(pages: AsyncIterable<RecordedPage>): AsyncGenerator<string> {
  let start = '[\n';
  for await (const { row, id, manifestId, panelsId, panels, summary } of pages) {
    const entry = {
      sequence_index: row,
      canonical_id: id,
      num_panels: panels,
      overall_summary: summary,
      manifest_id: manifestId,
      panels_id: panelsId,
    };
    const text = JSON.stringify(entry, undefined, 2).replaceAll('\n', '\n  ');
    yield `${start}  ${escapeNonAscii(text)}`;
    start = ',\n';
  }
  yield '\n]';
}

/** A line of panels.jsonl: which panel of which file a vector is, where on the page, its words, and its gate weights. */
export interface PanelLine {
  readonly sequence_index: number;
  readonly panel: number;
  readonly canonical_id: string;
  readonly panel_index: number;
  readonly panel_number: number | null;
  readonly box: readonly number[];
  readonly crop: readonly [left: number, top: number, right: number, bottom: number];
  readonly text: string | null;
  readonly gate: readonly number[] | null;
}

/** Yields a line for each vector. */
export async function* panelLines(pages: AsyncIterable<RecordedPage>): AsyncGenerator<string> {
  for await (const { row, id, placedPanels } of pages) {
    for (const [panel, { index, number, box, crop, text, gate }] of placedPanels.entries()) {
      const { left, top, right, bottom } = crop;
      const line: PanelLine = {
        sequence_index: row,
        panel,
        canonical_id: id,
        panel_index: index,
        panel_number: number,
        box,
        crop: [left, top, right, bottom],
        text,
        gate,
      };
      yield `${JSON.stringify(line)}\n`;
    }
  }
}

/** A line of pages.jsonl: of which type a page is, and where its image is. */
export interface PageLine {
  readonly sequence_index: number;
  readonly canonical_id: string;
  readonly page_type: string;
  /** The image, or the archive that holds it */
  readonly image: string;
  readonly image_member: RecordedPage['image']['imageMember'] | null;
  readonly summary: string;
}

/** Yields a line for each page, also for those that could not be read. */
export async function* pageLines(pages: AsyncIterable<RecordedPage>): AsyncGenerator<string> {
  for await (const { row, id, pageType, image, summary } of pages) {
    const line: PageLine = {
      sequence_index: row,
      canonical_id: id,
      page_type: pageType,
      image: image.imagePath,
      image_member: image.imageMember ?? null,
      summary,
    };
    yield `${JSON.stringify(line)}\n`;
  }
}

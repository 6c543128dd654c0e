import type { EvaluationResult, NeighbourSheet } from '../evaluation/evaluation-result.ts';
import type { Thumbnail } from '../preprocess/image/panel-thumbnails.ts';
import { escapeHtml } from '../report/escape-html.ts';

/** Small pictures of panels by their ids. */
export type PanelPictures = ReadonlyMap<string, Thumbnail>;

/** The panels whose pictures the report shows. */
export function sheetPanels({ contenders }: EvaluationResult): ReadonlySet<string> {
  return new Set(contenders.flatMap(({ sheets }) => sheets.flatMap(panelsOf)));
}

function panelsOf({ query, found }: NeighbourSheet): string[] {
  return [query, ...found.map(({ panel }) => panel)];
}

/** Bytes of the text around a picture */
const BYTES_PER_PICTURE = 120;
/** Bytes of a sheet without its pictures */
const BYTES_PER_SHEET = 4000;

/**
 * The pictures of a page, each embedded once however often it is shown. Sheets are taken in order until their pictures reach the
 * limit; those after it are left out.
 */
export class PictureLibrary {
  readonly #pictures: PanelPictures;
  readonly #ids = new Map<string, string>();
  #remainingBytes: number;

  constructor(pictures: PanelPictures, maxBytes: number) {
    this.#pictures = pictures;
    this.#remainingBytes = maxBytes;
  }

  /** Takes the pictures of a sheet. Whether there was room for them. */
  take(sheet: NeighbourSheet): boolean {
    const added = new Set(panelsOf(sheet).filter((panel) => this.#pictures.has(panel) && !this.#ids.has(panel)));
    let bytes = BYTES_PER_SHEET;
    for (const panel of added)
      bytes += Math.ceil((this.#pictures.get(panel)?.jpeg.length ?? 0) / 3) * 4 + BYTES_PER_PICTURE;
    if (bytes > this.#remainingBytes) {
      this.#remainingBytes = 0;
      return false;
    }
    this.#remainingBytes -= bytes;
    for (const panel of added) this.#ids.set(panel, `panel${this.#ids.size}`);
    return true;
  }

  /** A picture that was taken; a box with the panel's name if there is none. */
  show(panel: string): string {
    const label = escapeHtml(panel);
    const [picture, id] = [this.#pictures.get(panel), this.#ids.get(panel)];
    if (picture === undefined || id === undefined) return `<span class="no-picture">${label}</span>`;
    const { width, height } = picture;
    return `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="panel ${label}"><title>${label}</title><use href="#${id}"/></svg>`;
  }

  /** The data of all pictures that were taken, for the page to hold once. */
  definitions(): string {
    const images = Array.from(this.#ids, ([panel, id]) => {
      const picture = this.#pictures.get(panel);
      if (picture === undefined) return '';
      const { jpeg, width, height } = picture;
      const base64 = Buffer.from(jpeg).toString('base64');
      return `<image id="${id}" width="${width}" height="${height}" href="data:image/jpeg;base64,${base64}"/>`;
    });
    if (images.length === 0) return '';
    return `<svg class="definitions" width="0" height="0" aria-hidden="true"><defs>\n${images.join('\n')}\n</defs></svg>`;
  }
}

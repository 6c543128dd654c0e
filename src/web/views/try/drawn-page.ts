/** x, y, width and height in pixels of the page. */
export type Box = readonly [x: number, y: number, width: number, height: number];

export interface DrawnPanel {
  /** Stays with the panel while others come and go */
  readonly key: number;
  readonly box: Box;
  readonly text: string;
}

/** The picture of a page. */
export interface PagePicture {
  readonly file: File;
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

/** A panel file as it was saved. It is sent as it is until its boxes or texts are changed here. */
export interface PanelFile {
  readonly name: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** Boxes that are smaller are slips of the hand. */
export const MIN_BOX_PIXELS = 4;

let lastKey = 0;

export function makePanel(box: Box, text = ''): DrawnPanel {
  lastKey++;
  return { key: lastKey, box, text };
}

/** The box in whole pixels, inside the page. */
export function clipBox([x, y, width, height]: Box, page: Pick<PagePicture, 'width' | 'height'>): Box {
  const clip = (value: number, highest: number) => Math.round(Math.min(Math.max(value, 0), highest));
  const [left, top] = [clip(x, page.width - 1), clip(y, page.height - 1)];
  return [left, top, Math.max(1, clip(width, page.width - left)), Math.max(1, clip(height, page.height - top))];
}

/** The box between two corners, whichever they are. */
export function boxBetween([x1, y1]: readonly [number, number], [x2, y2]: readonly [number, number]): Box {
  return [Math.min(x1, x2), Math.min(y1, y2), Math.abs(x2 - x1), Math.abs(y2 - y1)];
}

/** Opens the picture of a page. @throws Error where the browser cannot show it */
export async function openPagePicture(file: File): Promise<PagePicture> {
  const url = URL.createObjectURL(file);
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
  } catch {
    URL.revokeObjectURL(url);
    throw new Error(`${file.name} is not a picture that this browser can show.`);
  }
  return { file, url, width: image.naturalWidth, height: image.naturalHeight };
}

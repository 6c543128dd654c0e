/** Panels of one page, and files of several tools that say the same about it. */
export interface MadePage {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly panels: readonly { readonly bbox: readonly [number, number, number, number]; readonly text: string }[];
}

/** Lays out a page in rows of panels, with fractions if wanted. Texts stand inside of their panels. */
export function makePage(name: string, random: () => number, { fractions = true } = {}): MadePage {
  const [width, height] = [400 + Math.floor(random() * 600), 600 + Math.floor(random() * 700)];
  const round = (value: number) => (fractions ? value : Math.round(value));
  const panels: { bbox: [number, number, number, number]; text: string }[] = [];
  const rows = 1 + Math.floor(random() * 4);
  for (let row = 0; row < rows; row++) {
    const columns = 1 + Math.floor(random() * 3);
    for (let column = 0; column < columns; column++) {
      const [cellWidth, cellHeight] = [width / columns, height / rows];
      const bbox: [number, number, number, number] = [
        round(column * cellWidth + random() * 9),
        round(row * cellHeight + random() * 9),
        round(cellWidth * 0.85),
        round(cellHeight * 0.85),
      ];
      panels.push({ bbox, text: random() < 0.3 ? '' : `panel ${panels.length} of ${name}` });
    }
  }
  return { name, width, height, panels };
}

export function toOcr({ width, height, panels }: MadePage) {
  return { image_width: width, image_height: height, panels };
}

export function toKumiko({ name, width, height, panels }: MadePage) {
  return { filename: `${name}.jpg`, size: [width, height], numbering: 'ltr', panels: panels.map(({ bbox }) => bbox) };
}

export function toMagi({ panels }: MadePage) {
  const withText = panels.filter(({ text }) => text !== '');
  return {
    panels: panels.map(({ bbox: [x, y, w, h] }) => [x, y, x + w, y + h]),
    texts: withText.map(({ bbox }) => textBox(bbox)),
    ocr: withText.map(({ text }) => text),
    characters: [],
    is_essential_text: withText.map(() => true),
  };
}

export function toMokuroPage({ name, width, height, panels }: MadePage) {
  const withText = panels.filter(({ text }) => text !== '');
  const blocks = withText.map(({ bbox, text }) => ({
    box: textBox(bbox),
    lines: text.split(/ (?=of)/),
    vertical: false,
  }));
  return { version: '0.2.1', img_width: width, img_height: height, img_path: `${name}.jpg`, blocks };
}

/** A COCO file whose annotations are in no order. */
export function toCoco(pages: readonly MadePage[], fileName = (name: string, _index: number) => `${name}.jpg`) {
  const annotations = pages.flatMap(({ panels }, image) =>
    panels.flatMap(({ bbox, text }) => [
      { image_id: image, category_id: 7, bbox, iscrowd: 0 },
      ...(text === ''
        ? []
        : [{ image_id: image, category_id: 9, bbox: toSize(textBox(bbox)), attributes: { transcription: text } }]),
    ]),
  );
  const scrambled = annotations.toSorted((a, b) => Math.sin(a.bbox[0] ?? 0) - Math.sin(b.bbox[0] ?? 0));
  return {
    images: pages.map(({ name, width, height }, id) => ({ id, file_name: fileName(name, id), width, height })),
    categories: [
      { id: 9, name: 'text' },
      { id: 7, name: 'Comic Panel' },
      { id: 1, name: 'face' },
    ],
    annotations: scrambled.map((annotation, id) => ({ id, ...annotation })),
  };
}

function textBox([x, y, w, h]: readonly [number, number, number, number]): [number, number, number, number] {
  return [x + w * 0.2, y + h * 0.1, x + w * 0.7, y + h * 0.3];
}

function toSize([left, top, right, bottom]: readonly [number, number, number, number]): [
  number,
  number,
  number,
  number,
] {
  return [left, top, right - left, bottom - top];
}

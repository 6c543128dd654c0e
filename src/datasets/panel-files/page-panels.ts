import { BoxError, type Edges, type PageSize } from '../../preprocess/boxes.ts';
import { describeOtherPicture, describeOtherSize, resolveDeclaredSize } from '../../preprocess/declared-size.ts';
import type { Crop } from '../../preprocess/image/resize-crop.ts';
import {
  areFractions,
  type BoxNumbers,
  edgesOnPage,
  type PanelBox,
  type PanelPlace,
  placePanel,
  reachesOverPage,
} from '../../preprocess/panel-box.ts';
import type { Dataset, PanelFormat } from '../dataset-spec.ts';
import type { PageNote } from '../page-notes.ts';
import { assignTexts } from './assign-texts.ts';
import { assertFormat, detectFormat, unwrapPage } from './detect-format.ts';
import {
  type FilePanel,
  type FilePanels,
  PanelFileError,
  type PanelFormatReader,
  type PanelSkipReason,
  type SkippedFilePanel,
} from './file-panels.ts';
import { readCoco } from './formats/coco.ts';
import { readKumiko } from './formats/kumiko.ts';
import { readMagi } from './formats/magi.ts';
import { readMokuro, readMokuroTexts } from './formats/mokuro.ts';
import { readOcrPanels, readVlmPanels } from './formats/original-forms.ts';
import { readWholePage } from './formats/whole-page.ts';
import { letteringAlone, type PanelWords } from './panel-file-text.ts';

export interface DatasetPanel extends PanelWords {
  /** The index in the file's list, from 0 */
  readonly index: number;
  /** The number that the file gives the panel; null if it gives none */
  readonly number: number | null;
  /** The box as the file has it */
  readonly box: BoxNumbers;
  readonly crop: Crop;
  /** The seven composition features */
  readonly composition: Float32Array;
  /** The edges of its lettering on the page, as far as the file tells them */
  readonly textAreas: readonly Edges[];
}

export interface PagePanels {
  readonly panels: readonly DatasetPanel[];
  readonly skipped: readonly { readonly panel: number; readonly reason: PanelSkipReason }[];
  readonly notes: readonly PageNote[];
  /** '' if the file has none */
  readonly overallSummary: string;
  /** Why the file has no panels */
  readonly problem: { readonly reason: string; readonly detail: string } | null;
}

const MAX_DETAIL_LENGTH = 200;

const READERS: Readonly<Record<Exclude<PanelFormat, 'auto'>, PanelFormatReader>> = {
  vlm: readVlmPanels,
  ocr: readOcrPanels,
  kumiko: readKumiko,
  coco: readCoco,
  magi: readMagi,
  mokuro: readMokuro,
  whole_page: readWholePage,
};

/**
 * Finds the panels of a page in its parsed panel file: the first `maxPanels` that have a box on the page, as Stage 3 takes them.
 * Never throws, whatever the file holds.
 * @param textsJson the parsed file with texts, if the dataset has them apart; null if there is none for this page
 */
export function readPagePanels(
  json: unknown,
  options: Dataset['panels'],
  page: PageSize,
  maxPanels: number,
  textsJson?: unknown,
): PagePanels {
  try {
    return placePanels(withTexts(readFile(json, options), textsJson, page), page, maxPanels);
  } catch (error) {
    if (!(error instanceof PanelFileError)) throw error;
    const { reason, message: detail } = error;
    return { panels: [], skipped: [], notes: [], overallSummary: '', problem: { reason, detail } };
  }
}

function readFile(json: unknown, options: Dataset['panels']): FilePanels {
  if (options.format === 'whole_page') return readWholePage();
  const { page, isNested } = unwrapPage(json);
  const format = options.format === 'auto' ? detectFormat(page) : options.format;
  if (options.format !== 'auto') assertFormat(page, format);
  const file = READERS[format](page, options);
  const notes: PageNote[] = isNested ? [{ note: 'nested' }] : [];
  if (options.format === 'auto') notes.push({ note: `read_as_${format}` });
  return { ...file, notes: [...notes, ...file.notes] };
}

/** Gives panels the texts that stand in them, if they have no text of their own. */
function withTexts(file: FilePanels, textsJson: unknown, page: PageSize): FilePanels {
  const notes = [...file.notes];
  if (textsJson === null) notes.push({ note: 'no_texts' });
  const extra = textsJson === undefined || textsJson === null ? null : readMokuroTexts(unwrapPage(textsJson).page);
  if (extra !== null) notes.push(...extra.notes);
  const texts = [file, ...(extra === null ? [] : [extra])].flatMap(({ textBoxes, declaredSize }) => {
    if (textBoxes.length === 0) return [];
    const drawnOn = findDrawnSize(declaredSize, page);
    return textBoxes.map(({ layout, numbers, text }) => ({ text, edges: edgesOnPage(layout, numbers, page, drawnOn) }));
  });
  if (texts.length === 0) return { ...file, notes };
  const panels = file.entries.filter(isPanel);
  const drawnOn = findDrawnSize(file.declaredSize, page);
  const edges = panels.map(({ box }) => edgesOnPage(box.layout, box.numbers, page, drawnOn));
  const { byPanel, unassigned } = assignTexts(edges, texts);
  notes.push(...unassigned.map((text) => ({ note: 'text_outside_panels', detail: text.slice(0, MAX_DETAIL_LENGTH) })));
  const textsOf = new Map(panels.map((panel, i) => [panel, byPanel[i] ?? []]));
  const entries = file.entries.map((entry) => {
    if (!isPanel(entry)) return entry;
    const assigned = textsOf.get(entry) ?? [];
    const joined = assigned.map(({ text }) => text).join(' ');
    const words = entry.words.text === null ? letteringAlone(joined.trim() || null) : entry.words;
    return { ...entry, words, textAreas: assigned.map(({ edges: area }) => area) };
  });
  return { ...file, entries, notes };
}

function placePanels(file: FilePanels, page: PageSize, maxPanels: number): PagePanels {
  const panels: DatasetPanel[] = [];
  const skipped: { panel: number; reason: PanelSkipReason }[] = [];
  const notes: PageNote[] = [...file.notes];
  const boxes = file.entries.filter(isPanel).map(({ box }) => box);
  const countsPixels = boxes.some(({ layout }) => layout.scale === 'pixels');
  const drawnOn = countsPixels ? findDrawnSize(file.declaredSize, page) : page;
  if (drawnOn !== page) notes.push({ note: 'scaled_boxes', detail: describeOtherSize(drawnOn, page) });
  const isInFractions = areFractions(boxes);
  if (isInFractions) notes.push({ note: 'boxes_in_fractions', detail: 'give panels.box_scale 1 if they are' });
  for (const [position, entry] of file.entries.entries()) {
    const skip = (reason: PanelSkipReason) => skipped.push({ panel: entry.index, reason });
    if (position >= maxPanels) skip('over_limit');
    else if (!isPanel(entry)) skip(entry.reason);
    else if (isInFractions) skip('boxes_in_fractions');
    else {
      const { index, number, box, words, textAreas = [] } = entry;
      const place = placeOrReason(box, page, number ?? panels.length + 1, drawnOn);
      if (typeof place === 'string') skip(place);
      else {
        const readable = {
          text: withoutHalfCharacters(words.text),
          description: withoutHalfCharacters(words.description),
          lettering: withoutHalfCharacters(words.lettering),
        };
        panels.push({ index, number, box: box.numbers, ...place, ...readable, textAreas });
        const entryNotes = new Set(entry.notes);
        if (readable.text !== words.text) entryNotes.add('bad_text');
        if (reachesOverPage(box, page, drawnOn)) entryNotes.add('reaches_over_page');
        notes.push(...Array.from(entryNotes, (note) => ({ panel: index, note })));
      }
    }
  }
  return { panels, skipped, notes, overallSummary: file.overallSummary, problem: null };
}

/** Leaves out halves of characters, as `\ud83d` alone in JSON is one: a tokenizer would read them as signs that are not there. */
function withoutHalfCharacters(text: string | null): string | null {
  if (text === null || text.isWellFormed()) return text;
  const whole = text.replaceAll(/\p{Surrogate}/gu, '');
  return whole.trim() === '' ? null : whole;
}

/** @throws PanelFileError if the page is another picture than the file declares */
function findDrawnSize(declared: PageSize | null, page: PageSize): PageSize {
  const drawnOn = declared === null ? page : resolveDeclaredSize(declared, page);
  if (drawnOn === undefined && declared !== null)
    throw new PanelFileError('other_size', describeOtherPicture(declared, page));
  return drawnOn ?? page;
}

/** The place of a panel, or why it has none. Other errors are not the file's fault. */
function placeOrReason(box: PanelBox, page: PageSize, number: number, drawnOn: PageSize): PanelPlace | PanelSkipReason {
  try {
    return placePanel(box, page, number, drawnOn);
  } catch (error) {
    if (error instanceof BoxError) return error.reason;
    throw error;
  }
}

function isPanel(entry: FilePanel | SkippedFilePanel): entry is FilePanel {
  return 'box' in entry;
}

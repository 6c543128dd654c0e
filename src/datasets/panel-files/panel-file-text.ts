import { joinVlmText } from '../../preprocess/panel-text.ts';
import { isObject, type JsonObject } from '../../util/json.ts';

/**
 * Notes about the text of a panel. bad_text: a value that should have been text was left out. other_text_shape: the text is in
 * a shape that the original does not read.
 */
export type PanelTextNote = 'bad_text' | 'other_text_shape';

/** The words of a panel; null for those that are absent or blank. */
export interface PanelWords {
  /** Description and lettering joined, as the original joins them */
  readonly text: string | null;
  /** What somebody wrote about the picture */
  readonly description: string | null;
  /** What is written in the picture */
  readonly lettering: string | null;
}

export const NO_WORDS: PanelWords = { text: null, description: null, lettering: null };

/** The words of a panel of which only the lettering is known. */
export function letteringAlone(lettering: string | null): PanelWords {
  return { text: lettering, description: null, lettering };
}

export interface PanelText extends PanelWords {
  readonly note: PanelTextNote | null;
}

/** Fields of a panel that hold lettering, in whatever shape */
export const PANEL_LETTERING_FIELDS: ReadonlySet<string> = new Set([
  'text',
  'texts',
  'text_content',
  'text_contents',
  'dialogue',
  'dialogues',
  'dialogue_text',
  'dialog',
  'speech',
  'speech_balloons',
  'speech_bubble',
  'speech_bubbles',
  'speakers',
  'balloons',
  'bubbles',
  'caption',
  'captions',
  'narration',
  'narrative_text',
  'monologue',
  'thought',
  'thoughts',
  'thought_bubbles',
  'sfx',
  'sound_effect',
  'sound_effects',
  'onomatopoeia',
  'lettering',
  'lines',
  'ocr',
  'ocr_text',
  'transcript',
  'transcription',
]);
/** Fields of a piece of lettering that hold it; on a panel, these names could mean anything */
export const PIECE_FIELDS: ReadonlySet<string> = new Set([
  ...PANEL_LETTERING_FIELDS,
  'content',
  'line',
  'quote',
  'utterance',
]);
/** Words in the names of fields that may hold lettering */
const LETTERING_WORDS =
  /(?:^|_)(?:texts?|dialog(?:ue)?s?|speech|captions?|narrations?|lettering|transcripts?|transcriptions?|sfx|balloons?|bubbles?|thoughts?|monologues?|quotes?|ocr)(?=_|$)/;
/** Last words of names of fields that describe lettering */
const DESCRIBING_WORDS =
  /_(?:types?|colou?r|lang|language|box|boxes|bbox|bboxes|count|confidence|score|style|font|size|position|location|direction|orientation|ids?|tone|emotion|engine|model)$/;
/** Fields of a piece of lettering that describe it, in words that are not on the page */
const DESCRIBING_FIELDS: ReadonlySet<string> = new Set([
  'type',
  'label',
  'kind',
  'category',
  'speaker',
  'character',
  'name',
  'id',
  'language',
  'emotion',
  'tone',
  'position',
  'location',
  'font',
]);

/** Reads the text of an OCR panel: `text` unchanged, or else its lettering in other shapes. */
export function readOcrText(panel: JsonObject): PanelText {
  const { text } = panel;
  return typeof text === 'string' && text.trim() !== ''
    ? { ...letteringAlone(text), note: unreadNote(panel, text, false) }
    : readOtherShapes(panel, null);
}

/**
 * Reads the description and lettering of a VLM panel as one text. Where the original finds lettering in `text_content`, the text
 * is what the original makes of it; only where it finds none is lettering read in other shapes and fields.
 */
export function readVlmText(panel: JsonObject): PanelText {
  const { text_content: lettering } = panel;
  const entries: unknown[] = Array.isArray(lettering) ? lettering : [];
  const pieces = entries.filter(isObject).map((entry) => readPiece(entry['text']));
  const description = readPiece(panel['description']);
  const text = joinVlmText({ description: description.text, text_content: pieces });
  const hasBadPiece = [description, ...pieces].some((piece) => piece.isBad);
  const describing = description.text.trim() || null;
  const written = joinVlmText({ text_content: pieces });
  if (written !== '') {
    return { text, description: describing, lettering: written, note: unreadNote(panel, text, hasBadPiece) };
  }
  const read = readOtherShapes(panel, describing);
  return hasBadPiece ? { ...read, note: 'bad_text' } : read;
}

/** Notes lettering that is in other shapes or fields and not in the text. */
function unreadNote(panel: JsonObject, text: string, hasBadPiece: boolean): PanelTextNote | null {
  const isAllRead =
    !hasBadPiece &&
    collectLettering(panel, PANEL_LETTERING_FIELDS).pieces.every((piece) => hasWords(text, piece)) &&
    !hasUnknownLettering(panel, text);
  return isAllRead ? null : 'bad_text';
}

/** Whether a field whose name speaks of lettering, and is not known, has words that are not in the text. */
function hasUnknownLettering(panel: JsonObject, text: string): boolean {
  return Object.entries(panel).some(([name, value]) => {
    if (PANEL_LETTERING_FIELDS.has(name)) return false;
    const words = name.replaceAll(/(?<=[a-z])(?=[A-Z])|[\s-]+/g, '_').toLowerCase();
    const isLettering = LETTERING_WORDS.test(words) && !DESCRIBING_WORDS.test(words);
    return isLettering && listStrings(value).some((piece) => !hasWords(text, piece));
  });
}

/** Whether a text has these words, however its lines are broken. */
function hasWords(text: string, words: string): boolean {
  const fold = (value: string) => value.replaceAll(/\s+/g, ' ');
  return text.includes(words) || fold(text).includes(fold(words));
}

function listStrings(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return value.trim() === '' ? [] : [value.trim()];
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return [];
  return Object.values(value).flatMap((entry) => listStrings(entry, depth + 1));
}

/** Reads the lettering of a panel in any shape, beside its description. */
function readOtherShapes(panel: JsonObject, description: string | null): PanelText {
  const { pieces, hasBadPiece } = collectLettering(panel, PANEL_LETTERING_FIELDS);
  const lettering = pieces.length === 0 ? null : pieces.join(' ');
  const joined = [description, lettering].filter((piece) => piece !== null).join(' ');
  const isLeftOut = hasBadPiece || hasUnknownLettering(panel, joined);
  const note = isLeftOut ? 'bad_text' : pieces.length > 0 ? 'other_text_shape' : null;
  return { text: joined === '' ? null : joined, description, lettering, note };
}

interface Lettering {
  readonly pieces: readonly string[];
  readonly hasBadPiece: boolean;
}

const NOTHING: Lettering = { pieces: [], hasBadPiece: false };
const MAX_DEPTH = 8;

/** All lettering in a value, in the order of the file: texts, lists of them, and objects that have them in known fields. */
function collectLettering(value: unknown, knownFields = PIECE_FIELDS, depth = 0): Lettering {
  if (value === null || value === undefined) return NOTHING;
  if (typeof value === 'string') return { pieces: value.trim() === '' ? [] : [value.trim()], hasBadPiece: false };
  if (typeof value !== 'object' || depth > MAX_DEPTH) return { pieces: [], hasBadPiece: true };
  if (Array.isArray(value)) return joinLettering(value.map((entry) => collectLettering(entry, knownFields, depth + 1)));
  // Beside `text`, other fields repeat it.
  const hasText = depth > 0 && 'text' in value && typeof value.text === 'string' && value.text.trim() !== '';
  const fields = Object.entries(hasText ? { text: value.text } : value);
  const lettering = fields.filter(([name]) => knownFields.has(name));
  const found = joinLettering(
    lettering.map(([name, entry]) =>
      // Alone, these are the names of who speaks.
      name === 'speakers' && [entry].flat().some((speaker) => typeof speaker === 'string')
        ? { pieces: [], hasBadPiece: true }
        : collectLettering(entry, PIECE_FIELDS, depth + 1),
    ),
  );
  if (depth === 0 || lettering.length > 0) return found;
  // Words under a name that nobody knows might be lettering.
  const isUnknown = ([name, entry]: [string, unknown]) =>
    typeof entry === 'string' && entry.trim() !== '' && !DESCRIBING_FIELDS.has(name);
  return { pieces: [], hasBadPiece: fields.some(isUnknown) };
}

function joinLettering(parts: readonly Lettering[]): Lettering {
  return { pieces: parts.flatMap(({ pieces }) => pieces), hasBadPiece: parts.some(({ hasBadPiece }) => hasBadPiece) };
}

/** Reads a text, or joins the non-empty pieces of a list with blanks, as the original does. */
function readPiece(value: unknown): { readonly text: string; readonly isBad: boolean } {
  if (typeof value === 'string') return { text: value, isBad: false };
  if (!Array.isArray(value)) return { text: '', isBad: value !== undefined && value !== null };
  const truthy = value.filter(Boolean);
  const texts = truthy.filter((piece) => typeof piece === 'string' || typeof piece === 'number');
  return { text: texts.join(' '), isBad: texts.length < truthy.length };
}

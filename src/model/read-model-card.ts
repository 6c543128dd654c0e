import { open } from 'node:fs/promises';
import path from 'node:path';
import { marked, type Tokens } from 'marked';
import { z } from 'zod';

const CARD_FILE = 'README.md';
const TRAINING_FILE = 'training.json';
/** A card is read by people. What stands after this is left out. */
const MAX_CARD_BYTES = 1 << 20;
/** A table of a card has measures if its first column is called so. */
const MEASURE_COLUMN = /^measures?$/i;
/** 0.950, -0.064, 43 %, with an interval: 0.950 [0.912, 0.975] */
const FIGURE = /^([-−]?\d+(?:\.\d+)?)(?:\s*%)?(?:\s*\[([-−]?\d+(?:\.\d+)?),\s*([-−]?\d+(?:\.\d+)?)\])?$/;

/** A cell of a table of measures. */
export interface Figure {
  readonly text: string;
  /** null where the text is not a number */
  readonly value: number | null;
  /** The interval in brackets behind the number */
  readonly interval: [low: number, high: number] | null;
}

export interface MeasureTable {
  /** The heading above it */
  readonly title: string;
  readonly columns: string[];
  readonly rows: { readonly measure: string; readonly figures: Figure[] }[];
}

export interface ModelCard {
  /** null where the model has none */
  readonly text: string | null;
  readonly tables: MeasureTable[];
}

/** Measures before and after a training, as its job writes them beside the model. */
const trainingSchema = z.object({
  summary: z.object({
    best: z.object({ measures: z.record(z.string(), z.number().nullable()) }).nullable(),
    baseline: z.record(z.string(), z.number().nullable()).nullable(),
  }),
});

/** Reads the card of a model, and the measures in its tables. What a model lacks is left out; nothing is thrown. */
export async function readModelCard(folder: string): Promise<ModelCard> {
  const [text, training] = await Promise.all([
    readBeginning(path.join(folder, CARD_FILE)),
    readBeginning(path.join(folder, TRAINING_FILE)),
  ]);
  return { text, tables: [...readTrainingTables(training), ...readCardTables(text ?? '')] };
}

function readTrainingTables(json: string | null): MeasureTable[] {
  const { data } = z.preprocess(parseJson, trainingSchema).safeParse(json);
  const { best, baseline } = data?.summary ?? {};
  if (!best) return [];
  const rows = Object.entries(best.measures).map(([measure, value]) => ({
    measure,
    figures: [toFigure(formatValue(value)), toFigure(formatValue(baseline?.[measure] ?? null))],
  }));
  return [{ title: 'Pages held out of the training', columns: ['trained', 'before the training'], rows }];
}

function readCardTables(markdown: string): MeasureTable[] {
  const tables: MeasureTable[] = [];
  let title = '';
  for (const token of marked.lexer(markdown)) {
    if (token.type === 'heading') title = token['text'];
    if (token.type !== 'table') continue;
    const { header, rows } = token as Tokens.Table;
    const [first, ...columns] = header.map((cell) => cell.text);
    if (first === undefined || !MEASURE_COLUMN.test(first)) continue;
    tables.push({
      title,
      columns,
      rows: rows.map(([measure, ...cells]) => ({
        measure: measure?.text ?? '',
        figures: cells.map((cell) => toFigure(cell.text)),
      })),
    });
  }
  return tables;
}

function toFigure(text: string): Figure {
  const [, value, low, high] = FIGURE.exec(text.trim()) ?? [];
  return {
    text,
    value: value === undefined ? null : toNumber(value),
    interval: low === undefined || high === undefined ? null : [toNumber(low), toNumber(high)],
  };
}

/** Cards of people may have the minus of typographers. */
function toNumber(text: string): number {
  return Number(text.replace('−', '-'));
}

function formatValue(value: number | null): string {
  return value === null ? '–' : String(Number(value.toPrecision(4)));
}

function parseJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}

async function readBeginning(file: string): Promise<string | null> {
  try {
    await using handle = await open(file);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_CARD_BYTES), 0, MAX_CARD_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } catch {
    return null;
  }
}

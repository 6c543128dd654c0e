import type { RetrievalMeasures } from '../../evaluation/evaluation-result.ts';
import { chartColor } from '../../report/chart-colors.ts';
import { escapeHtml } from '../../report/escape-html.ts';
import { axisLine, FONT_SIZE, fitText, roundPixels, svgPicture, svgText } from '../../report/svg.ts';

const WIDTH = 760;
const LABEL_WIDTH = 150;
const RIGHT_MARGIN = 8;
const ROW_HEIGHT = 64;
/** Above the bars, for their numbers */
const ROW_TOP = 20;
const BOTTOM_MARGIN = 46;
const NUMBER_GAP = 4;
const BAR_SHARE = 0.7;
/** The last rank of each bin; the last bin has no end. */
const BIN_ENDS = [1, 5, 10, 20, 50, 100, Number.POSITIVE_INFINITY] as const;

export interface RankHistogram {
  /** Plain text */
  readonly label: string;
  readonly rows: readonly { readonly name: string; readonly series: number; readonly measures: RetrievalMeasures }[];
}

/** Histograms of the rank of the right panel, one below the other; dashed lines show a random order. */
export function rankHistogram({ label, rows }: RankHistogram): string {
  const largest = rows.reduce((most, { measures }) => measures.ranks.reduce((a, b) => Math.max(a, b), most), 0);
  const bins = BIN_ENDS.filter((_, i) => i === 0 || (BIN_ENDS[i - 1] ?? 0) < largest);
  const binWidth = (WIDTH - LABEL_WIDTH - RIGHT_MARGIN) / bins.length;
  const shares = rows.map(({ measures: { ranks } }) => bins.map((_, i) => binShare(ranks, i)));
  const chances = rows.map(({ measures }) => chanceShares(measures, bins.length));
  const highest = Math.max(...shares.flat(), ...chances.flat());
  const elements = rows.flatMap(({ name, series }, row) => {
    const bottom = (row + 1) * ROW_HEIGHT;
    const scale = (ROW_HEIGHT - ROW_TOP) / highest;
    const chance = chances[row] ?? [];
    const bars = bins.map((_, i) => {
      const share = shares[row]?.[i] ?? 0;
      const left = roundPixels(LABEL_WIDTH + (i + (1 - BAR_SHARE) / 2) * binWidth);
      const [width, height] = [roundPixels(BAR_SHARE * binWidth), roundPixels(share * scale)];
      const bar = `<rect x="${left}" y="${roundPixels(bottom - height)}" width="${width}" height="${height}" fill="${chartColor(series)}"/>`;
      const chanceHeight = (chance[i] ?? 0) * scale;
      // The number stands above the line of chance where it would be struck through.
      const isStruck = chanceHeight > height && chanceHeight < height + FONT_SIZE + NUMBER_GAP;
      const numberY = bottom - (isStruck ? chanceHeight : height) - NUMBER_GAP;
      const number = svgText(left + width / 2, numberY, 'middle', `${Math.round(share * 100)} %`);
      return bar + number + chanceLine(chanceHeight, left, width, bottom);
    });
    const nameText = svgText(
      LABEL_WIDTH - 12,
      bottom - FONT_SIZE / 2,
      'end',
      escapeHtml(fitText(name, LABEL_WIDTH - 12)),
    );
    return [nameText, axisLine(LABEL_WIDTH, bottom, WIDTH - RIGHT_MARGIN, bottom), ...bars];
  });
  const bottom = rows.length * ROW_HEIGHT;
  const labels = bins.map((_, i) =>
    svgText(LABEL_WIDTH + (i + 0.5) * binWidth, bottom + 5 + FONT_SIZE, 'middle', binLabel(i)),
  );
  const axis = svgText((LABEL_WIDTH + WIDTH) / 2, bottom + 3 * FONT_SIZE, 'middle', 'rank of the right panel');
  const description = rows.map(({ name }, row) => {
    const values = bins.map((_, i) => `${binLabel(i)}: ${Math.round((shares[row]?.[i] ?? 0) * 100)} %`);
    return `${name}: rank ${values.join(', ')}.`;
  });
  const picture = { width: WIDTH, height: bottom + BOTTOM_MARGIN, label: escapeHtml(label) };
  return svgPicture({ ...picture, description: escapeHtml(description.join(' ')) }, [...elements, ...labels, axis]);
}

/** Ranks may lie between whole numbers: equals of the right panel count half. */
function binShare(ranks: readonly number[], bin: number): number {
  const [start, end] = binEdges(bin);
  return ranks.filter((rank) => rank > start && rank <= end).length / ranks.length;
}

function binEdges(bin: number): readonly [number, number] {
  return [BIN_ENDS[bin - 1] ?? 0, BIN_ENDS[bin] ?? Number.POSITIVE_INFINITY];
}

function binLabel(bin: number): string {
  const [start, end] = binEdges(bin);
  if (end === start + 1) return String(end);
  return Number.isFinite(end) ? `${start + 1}–${end}` : `over ${start}`;
}

/** The shares of a random order; none where there are so few panels that any order finds the right one. */
function chanceShares({ chance_recall_at_5: chance }: RetrievalMeasures, binCount: number): readonly number[] {
  if (chance >= 1) return [];
  const targets = 5 / chance;
  return Array.from({ length: binCount }, (_, bin) => {
    const [start, end] = binEdges(bin);
    return Math.max(0, Math.min(end, targets) - start) / targets;
  });
}

function chanceLine(height: number, left: number, width: number, bottom: number): string {
  if (height === 0) return '';
  return `<path d="M${left - 4} ${roundPixels(bottom - height)}H${roundPixels(left + width + 4)}" stroke="currentColor" stroke-dasharray="3 2"/>`;
}

import { MODALITIES } from '../../model/modality.ts';
import { chartColor } from '../../report/chart-colors.ts';
import { escapeHtml } from '../../report/escape-html.ts';
import { FONT_SIZE, fitText, roundPixels, svgPicture, svgText } from '../../report/svg.ts';

const WIDTH = 760;
const LABEL_WIDTH = 220;
const RIGHT_MARGIN = 8;
const ROW_HEIGHT = 30;
const BAR_HEIGHT = 22;
const TOP = 4;
/** A narrower part has no room for its number. */
const MIN_LABELLED_SHARE = 0.08;

/** White text is legible on all of them. */
const GATE_COLORS = ['#2c62ad', '#a4541a', '#1c6b4b'] as const;

export function gateColor(modality: number): string {
  return GATE_COLORS[modality] ?? chartColor(modality);
}

export interface GatePlot {
  /** Plain text */
  readonly label: string;
  readonly weights: readonly (readonly [name: string, weights: readonly [number, number, number]])[];
}

/** Bars of gate weights, one for each case: the modalities that a panel has. */
export function gatePlot({ label, weights }: GatePlot): string {
  const scale = WIDTH - LABEL_WIDTH - RIGHT_MARGIN;
  const elements = weights.flatMap(([name, parts], row) => {
    const top = TOP + row * ROW_HEIGHT;
    const textY = top + BAR_HEIGHT / 2 + FONT_SIZE / 3;
    let left = LABEL_WIDTH;
    const bars = parts.map((weight, i) => {
      const width = roundPixels(weight * scale);
      const bar = `<rect x="${roundPixels(left)}" y="${top}" width="${width}" height="${BAR_HEIGHT}" fill="${gateColor(i)}"/>`;
      const number = `<text x="${roundPixels(left + width / 2)}" y="${roundPixels(textY)}" text-anchor="middle" fill="#fff">${weight.toFixed(2)}</text>`;
      left += width;
      return weight >= MIN_LABELLED_SHARE ? bar + number : bar;
    });
    return [svgText(LABEL_WIDTH - 12, textY, 'end', escapeHtml(fitText(name, LABEL_WIDTH - 12))), ...bars];
  });
  const description = weights.map(([name, parts]) => {
    const values = parts.map((weight, i) => `${MODALITIES[i] ?? ''} ${weight.toFixed(2)}`);
    return `${name}: ${values.join(', ')}.`;
  });
  const picture = { width: WIDTH, height: 2 * TOP + weights.length * ROW_HEIGHT, label: escapeHtml(label) };
  return svgPicture({ ...picture, description: escapeHtml(description.join(' ')) }, elements);
}

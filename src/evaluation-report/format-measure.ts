import type { Estimate, Measure } from '../evaluation/evaluation-result.ts';
import { escapeHtml } from '../report/escape-html.ts';

/** Intervals are a few hundredths wide: more digits would be noise. */
const DIGITS = 3;

/** A value of a measure. @param digits after the point */
export function formatValue(value: number, digits = DIGITS): string {
  const text = value.toFixed(digits);
  return /^-0\.?0*$/.test(text) ? text.slice(1) : text;
}

/** A difference or a change, with its sign. */
export function formatSigned(value: number, format: (value: number) => string = formatValue): string {
  const text = format(value);
  return value > 0 ? `+${text}` : text;
}

export function formatPercent(fraction: number): string {
  return `${formatValue(100 * fraction, 0)} %`;
}

export function formatInterval({ low, high }: Pick<Estimate, 'low' | 'high'>, digits = DIGITS): string {
  return `[${formatValue(low, digits)}, ${formatValue(high, digits)}]`;
}

/** The reasons why measures are left out of a table, numbered below it. */
export class LeftOutReasons {
  readonly #reasons: string[] = [];

  /** The cell of a measure: its value with the interval, or a dash with the number of the reason. */
  cell(measure: Measure, { isBest = false, digits = DIGITS } = {}): string {
    if ('left_out' in measure) return this.dash(measure.left_out);
    const value = formatValue(measure.value, digits);
    const interval = formatInterval(measure, digits);
    return `${isBest ? `<strong>${value}</strong>` : value} <span class="interval">${interval}</span>`;
  }

  dash(reason: string): string {
    if (!this.#reasons.includes(reason)) this.#reasons.push(reason);
    return `–<sup>${this.#reasons.indexOf(reason) + 1}</sup>`;
  }

  /** The reasons so far as HTML; '' if there are none. */
  list(): string {
    if (this.#reasons.length === 0) return '';
    const lines = this.#reasons.map((reason, i) => `<sup>${i + 1}</sup> not measured: ${escapeHtml(reason)}`);
    return `<p class="hint">${lines.join('<br>')}</p>`;
  }
}

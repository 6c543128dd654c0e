import './sparkline.css';

const WIDTH = 300;
const HEIGHT = 56;
/** Room for the stroke at the edges */
const MARGIN = 2;

interface SparklineProps {
  /** Said by screen readers: what the line shows, and its numbers */
  readonly label: string;
  /** From old to new; null is a gap */
  readonly values: readonly (number | null)[];
  /** The top of the line, if its values do not reach it */
  readonly minTop?: number;
}

/** A line without axes: how something went in the last minutes. */
export function Sparkline({ label, values, minTop = 0 }: SparklineProps) {
  const top = Math.max(minTop, ...values.map((value) => value ?? 0)) || 1;
  const toX = (i: number) => (values.length < 2 ? WIDTH : (i / (values.length - 1)) * WIDTH);
  const toY = (value: number) => HEIGHT - MARGIN - (value / top) * (HEIGHT - 2 * MARGIN);
  let pen = 'M';
  const path = values
    .map((value, i) => {
      if (value === null) {
        pen = 'M';
        return '';
      }
      const command = `${pen}${toX(i).toFixed(1)} ${toY(value).toFixed(1)}`;
      pen = 'L';
      return command;
    })
    .join('');
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <path d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} class="sparkline-base" />
      <path d={path} class="sparkline-line" />
    </svg>
  );
}

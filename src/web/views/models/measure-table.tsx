import type { ModelCardResponse } from '../../../http/routes/service/model-card-route.ts';
import { chartColor } from '../../../report/chart-colors.ts';

type Table = ModelCardResponse['tables'][number];
type Row = Table['rows'][number];

const CHART_WIDTH = 160;
const LINE_HEIGHT = 9;
const MARGIN = 5;

/** Measures as numbers, and beside them as points with their intervals, so that one sees which differ. */
export function MeasureTable({ table }: { readonly table: Table }) {
  const { title, columns, rows } = table;
  const hasChart = columns.length > 1;
  return (
    <section class="measures">
      <h3>{title || 'Measures'}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keyboard */}
      <section class="table-scroll" tabIndex={0} aria-label={title || 'Measures'}>
        <table>
          <thead>
            <tr>
              <th scope="col">Measure</th>
              {hasChart && <th scope="col">Compared</th>}
              {columns.map((column, i) => (
                <th key={column} scope="col">
                  <span class="swatch" style={{ background: chartColor(i) }} aria-hidden="true" /> {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.measure}>
                <th scope="row">{row.measure}</th>
                {hasChart && (
                  <td>
                    <RowChart row={row} columns={columns} />
                  </td>
                )}
                {row.figures.map((figure, i) => (
                  <td key={columns[i]} class={figure.value === null ? undefined : 'figure'}>
                    {figure.text}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

/** A line for each column, from the lowest to the highest number of the row. */
function RowChart({ row, columns }: { readonly row: Row; readonly columns: readonly string[] }) {
  const numbers = row.figures.flatMap(({ value, interval }) => (value === null ? [] : [value, ...(interval ?? [])]));
  if (numbers.length === 0) return null;
  const [low, high] = [Math.min(0, ...numbers), Math.max(...numbers)];
  const toX = (value: number) => MARGIN + ((value - low) / (high - low || 1)) * (CHART_WIDTH - 2 * MARGIN);
  return (
    <svg
      class="row-chart"
      width={CHART_WIDTH}
      height={columns.length * LINE_HEIGHT}
      viewBox={`0 0 ${CHART_WIDTH} ${columns.length * LINE_HEIGHT}`}
      aria-hidden="true"
    >
      <path d={`M${toX(0)} 0V${columns.length * LINE_HEIGHT}`} class="row-chart-zero" />
      {row.figures.map(({ value, interval }, i) => {
        if (value === null) return null;
        const y = (i + 0.5) * LINE_HEIGHT;
        const [start = value, end = value] = interval ?? [];
        return (
          <g key={columns[i]} fill={chartColor(i)} stroke={chartColor(i)}>
            {interval && <path d={`M${toX(start)} ${y}H${toX(end)}`} stroke-width="2" stroke-opacity="0.55" />}
            <circle cx={toX(value)} cy={y} r="3" stroke="none" />
          </g>
        );
      })}
    </svg>
  );
}

import type { LegendEntry } from './map-colours.ts';

interface MapLegendProps {
  readonly title: string;
  readonly legend: readonly LegendEntry[];
  readonly onChoose: (entry: LegendEntry) => void;
}

/** What the colours of the map stand for. Each entry lists its panels. */
export function MapLegend({ title, legend, onChoose }: MapLegendProps) {
  return (
    <ul class="map-legend" aria-label={`Colours: ${title}`}>
      {legend.map((entry) => (
        <li key={entry.label}>
          <button type="button" onClick={() => onChoose(entry)}>
            <span class="map-swatch" aria-hidden="true" style={{ background: `rgb(${entry.colour.join()})` }} />
            {entry.label} <small>{entry.panels.toLocaleString('en')}</small>
          </button>
        </li>
      ))}
    </ul>
  );
}

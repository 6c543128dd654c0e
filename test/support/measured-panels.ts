import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { MeasuredPanel, MeasuredPanels, ViewVectors } from '../../src/evaluation/measures/measured-panels.ts';

const FIXTURE = path.join(import.meta.dirname, '../fixtures/measures/measures.json');

/** Panels with vectors, and what scikit-learn and SciPy compute of them: made by scripts/reference/make_measures.py. */
export function readMeasuresFixture() {
  const { panels, views, expected } = JSON.parse(readFileSync(FIXTURE, 'utf8'));
  const measuredPanels = panels.map((panel: MeasuredPanel) => ({
    ...panel,
    area: 0.25,
    panelCount: panels.filter(({ page }: MeasuredPanel) => page === panel.page).length,
  }));
  return {
    panels: makePanels(measuredPanels),
    stored: toVectors(views.stored),
    picture: toVectors(views.picture),
    expected,
  };
}

/** Panels of one gallery, without near-duplicates. */
export function makePanels(panels: readonly MeasuredPanel[]): MeasuredPanels {
  return {
    panels,
    galleries: [panels.map((_, row) => row)],
    nearDuplicates: panels.map(() => new Set<number>()),
    seed: 42,
  };
}

/** Panels of which only book and page matter. */
export function panelsOf(pages: readonly (readonly [book: string, page: string])[]): MeasuredPanels {
  return makePanels(
    pages.map(([book, page], row) => ({
      id: `${page}#${row}`,
      book,
      page,
      page_type: null,
      aspect: 1 + row / 10,
      area: 0.1,
      panelCount: 2,
    })),
  );
}

/** Rows scaled to unit length; null for a row that the view lacks. */
export function toVectors(rows: readonly (readonly number[] | null)[]): ViewVectors {
  const dimensions = rows.find((row) => row !== null)?.length ?? 0;
  const values = rows.flatMap((row) => {
    const length = Math.hypot(...(row ?? []));
    return row?.map((value) => value / length) ?? new Array<number>(dimensions).fill(Number.NaN);
  });
  return { dimensions, values: Float32Array.from(values), isPresent: rows.map((row) => row !== null) };
}

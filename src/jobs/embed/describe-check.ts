import type { Dataset } from '../../datasets/dataset-spec.ts';
import type { IndexReport } from '../../datasets/index-report.ts';
import type { Model } from '../../model/model.ts';
import type { PageTotals } from '../pages/page-report.ts';

/** How fast panels or pages are embedded, and how that is known. */
export interface EmbedRate {
  readonly unit: 'pages' | 'panels';
  readonly perSecond: number;
  readonly basis: string;
}

/** For a model that no job has been measured with. */
export const ASSUMED_RATE: EmbedRate = {
  unit: 'panels',
  perSecond: 7,
  basis:
    'an assumption: a model of full size on two CPU cores; small models, more cores and GPUs are several times as fast',
};

/** What an embed job would do with a dataset, as plain JSON. */
export interface DatasetCheck {
  readonly index: IndexReport;
  /** The pages of the index, as far as their files tell without their pixels */
  readonly store: PageTotals;
  readonly would_embed: {
    readonly pages: number;
    readonly panels: number;
    /** null without a model */
    readonly model: string | null;
    readonly dimensions: number | null;
    /** What the vectors take on disk, about: rows without a panel are compressed to nearly nothing */
    readonly vector_bytes: number | null;
    /** What the array takes in memory, with all rows */
    readonly array_bytes: number | null;
    readonly seconds: number;
    readonly rate: { readonly unit: EmbedRate['unit']; readonly per_second: number; readonly basis: string };
  };
  readonly max_bad_pages: number;
  /** Why the job would fail over its data, null if it would not */
  readonly would_fail: 'dataset_invalid' | 'too_many_bad_pages' | null;
}

export interface CheckOptions {
  readonly dataset: Dataset;
  readonly maxBadPages: number;
  readonly model: Model | undefined;
  readonly rate: EmbedRate;
}

const BYTES_PER_NUMBER = 4;

/** Sums up the check of a dataset. */
export function describeCheck(
  index: IndexReport,
  totals: PageTotals,
  { dataset, maxBadPages: badShare, model, rate }: CheckOptions,
): DatasetCheck {
  const { pages, panels } = totals;
  const dimensions = model?.spec.dimensions ?? null;
  const maxBadPages = Math.floor(badShare * pages);
  return {
    index,
    store: totals,
    would_embed: {
      pages: pages - totals.bad_pages,
      panels,
      model: model?.id ?? null,
      dimensions,
      vector_bytes: dimensions && panels * dimensions * BYTES_PER_NUMBER,
      array_bytes: dimensions && pages * dataset.max_panels_per_page * dimensions * BYTES_PER_NUMBER,
      seconds: Math.ceil((rate.unit === 'pages' ? pages : panels) / rate.perSecond),
      rate: { unit: rate.unit, per_second: rate.perSecond, basis: rate.basis },
    },
    max_bad_pages: maxBadPages,
    would_fail: pages === 0 ? 'dataset_invalid' : totals.bad_pages > maxBadPages ? 'too_many_bad_pages' : null,
  };
}

import type { VectorRows } from '../../vector-analysis/vector-rows.ts';
import type { PanelFacts, View } from '../evaluation-result.ts';

/** A panel with what the measures compare its vectors to. */
export interface MeasuredPanel extends PanelFacts {
  /** Width over height */
  readonly aspect: number;
  /** Fraction of the page */
  readonly area: number;
  /** Panels of its page */
  readonly panelCount: number;
}

/** The panels of an evaluation. A row is an index into `panels`. */
export interface MeasuredPanels {
  readonly panels: readonly MeasuredPanel[];
  /** Rows whose vectors are of one space, and search each other: those of each fold, or all */
  readonly galleries: readonly (readonly number[])[];
  /** For each row the other rows whose picture is nearly the same, see near-duplicates.ts */
  readonly nearDuplicates: readonly ReadonlySet<number>[];
  readonly seed: number;
}

/** The vectors of one view: row-major (panels, dimensions), each of unit length. */
export interface ViewVectors extends VectorRows {
  /** Rows that the view has; what `values` has elsewhere is not read */
  readonly isPresent: readonly boolean[];
}

/** The views of a contender. Measures of a view that is not there are left out. */
export type ContenderVectors = Readonly<Partial<Record<View, ViewVectors>>>;

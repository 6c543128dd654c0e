import { readFile } from 'node:fs/promises';
import type { PageProblem } from '../pages/page-report.ts';

/** A page of a part, as the record of the part has it. */
export interface EvaluatedPage {
  readonly id: string;
  readonly book: string;
  /** null if the dataset has no labels */
  readonly page_type: string | null;
  /** Why it could not be read; null if it could */
  readonly problem: PageProblem | null;
  readonly panel_count: number;
  /** Empty for a page that is trained on alone */
  readonly panels: readonly EvaluatedPanel[];
}

/** A panel, as the record of a part has it. */
export interface EvaluatedPanel {
  /** The index in its panel file */
  readonly index: number;
  /** Width by height of its crop */
  readonly aspect: number;
  /** Share of the page */
  readonly area: number;
  readonly lettering: string | null;
  readonly description: string | null;
}

/** The pages of a part in their order, and whether they are held out. */
export interface EvaluationPartRecord {
  readonly test: boolean;
  readonly pages: readonly EvaluatedPage[];
  /** Books in the order in which files of training rows are numbered */
  readonly books: readonly string[];
}

export async function readPartRecord(file: string): Promise<EvaluationPartRecord> {
  return JSON.parse(await readFile(file, 'utf8'));
}

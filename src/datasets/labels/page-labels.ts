import { elementAt } from '../../util/arrays.ts';
import { type SkippedPage, zeroMatchCounts } from '../index-report.ts';
import type { MatchLevel } from '../match-identifiers.ts';

/** The type of pages that nothing gives a type. */
export const UNLABELLED = 'unlabelled';

/**
 * The labels of a dataset in their order, in little memory: a label whose id the list of pages has takes two numbers,
 * because the list holds the string.
 */
export class PageLabels {
  /** The row of the page in its list; a negative number is the complement (~) of an index in `unmatched` */
  readonly rows: number[] = [];
  readonly #types: number[] = [];
  readonly #typeNames: string[] = [];
  readonly #typeIndexes = new Map<string, number>();
  /** Labels without a row: their id, or why they are skipped if that is known */
  readonly unmatched: SkippedOrId[] = [];
  /** The ids, as the labels write them, of labels that matched their row inexactly */
  readonly #writtenIds = new Map<number, string>();
  readonly matchCounts = zeroMatchCounts();
  /** The number of pages; an entry may stand for several */
  count = 0;

  get length(): number {
    return this.rows.length;
  }

  /** Adds the label of a page. */
  add(row: number, type: string): void {
    this.#add(row, type);
  }

  /** Adds a label without a row. @param entry the id alone, if it may still match a row */
  addUnmatched(entry: SkippedOrId, type: string): void {
    this.#add(~this.unmatched.length, type);
    this.unmatched.push(entry);
    if (typeof entry !== 'string') this.count += (entry.pages ?? 1) - 1;
  }

  /** Gives a label without a row the row that its id matches. */
  resolve(index: number, row: number, level: MatchLevel): void {
    const entry = elementAt(this.unmatched, ~elementAt(this.rows, index));
    this.#writtenIds.set(index, typeof entry === 'string' ? entry : entry.id);
    this.rows[index] = row;
    this.matchCounts[level]++;
  }

  /** The id as the label writes it, undefined if the list of pages writes it the same way. */
  writtenIdAt(index: number): string | undefined {
    return this.#writtenIds.get(index);
  }

  typeAt(index: number): string {
    return elementAt(this.#typeNames, elementAt(this.#types, index));
  }

  #add(row: number, type: string): void {
    let typeIndex = this.#typeIndexes.get(type);
    if (typeIndex === undefined) {
      typeIndex = this.#typeNames.push(type) - 1;
      this.#typeIndexes.set(type, typeIndex);
    }
    this.rows.push(row);
    this.#types.push(typeIndex);
    this.count++;
  }
}

export type SkippedOrId = string | SkippedPage;

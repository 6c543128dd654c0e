import { type SkippedPage, zeroMatchCounts } from './index-report.ts';
import type { MatchLevel } from './match-identifiers.ts';

/**
 * The labels of a dataset in their order. One costs two numbers where the manifest has its id: then the manifest's string
 * stands for both.
 */
export class PageLabels {
  /** Row of the manifest; a negative number is the complement (~) of a place in `strays` */
  readonly rows: number[] = [];
  readonly #types: number[] = [];
  readonly #typeNames: string[] = [];
  readonly #typeIndexes = new Map<string, number>();
  /** Labels without a row: their id, and what is to be reported of them where that is known */
  readonly unmatched: SkippedOrId[] = [];
  /** How the labels write the ids that led to their rows only over a bridge */
  readonly #writtenIds = new Map<number, string>();
  readonly matchCounts = zeroMatchCounts();
  /** Pages, of which an entry may stand for several */
  count = 0;

  get length(): number {
    return this.rows.length;
  }

  add(row: number, type: string): void {
    this.#add(row, type);
  }

  /** @param entry the id alone, until it is known whether it leads anywhere */
  addUnmatched(entry: SkippedOrId, type: string): void {
    this.#add(~this.unmatched.length, type);
    this.unmatched.push(entry);
    if (typeof entry !== 'string') this.count += (entry.pages ?? 1) - 1;
  }

  /** A stray's id has led to a row after all. */
  resolve(index: number, row: number, level: MatchLevel): void {
    this.#writtenIds.set(index, this.unmatched[~this.rows[index]!] as string);
    this.rows[index] = row;
    this.matchCounts[level]++;
  }

  /** The id as the labels write it, where that is not how the manifest does. */
  writtenIdAt(index: number): string | undefined {
    return this.#writtenIds.get(index);
  }

  typeAt(index: number): string {
    return this.#typeNames[this.#types[index]!]!;
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

import type { BridgeLevel } from './bridge.ts';
import { noneBridged, type SkippedPage } from './index-report.ts';

/**
 * The labels of a dataset in their order. One costs two numbers where the manifest has its id: then the manifest's string
 * stands for both.
 */
export class PageLabels {
  /** Row of the manifest; a negative number is the complement (~) of a place in `strays` */
  readonly rows: number[] = [];
  readonly #types: number[] = [];
  readonly #typeNames: string[] = [];
  readonly #typeOf = new Map<string, number>();
  /** Labels without a row: their id, and what is to be reported of them where that is known */
  readonly strays: SkippedOrId[] = [];
  /** How the labels write the ids that led to their rows only over a bridge */
  readonly #written = new Map<number, string>();
  readonly bridged = noneBridged();
  /** Pages, of which an entry may stand for several */
  count = 0;

  get length(): number {
    return this.rows.length;
  }

  add(row: number, type: string): void {
    this.#add(row, type);
  }

  /** @param stray the id alone, until it is known whether it leads anywhere */
  addStray(stray: SkippedOrId, type: string): void {
    this.#add(~this.strays.length, type);
    this.strays.push(stray);
    if (typeof stray !== 'string') this.count += (stray.pages ?? 1) - 1;
  }

  /** A stray's id has led to a row after all. */
  settle(at: number, row: number, level: BridgeLevel): void {
    this.#written.set(at, this.strays[~this.rows[at]!] as string);
    this.rows[at] = row;
    this.bridged[level]++;
  }

  /** The id as the labels write it, where that is not how the manifest does. */
  writtenAt(at: number): string | undefined {
    return this.#written.get(at);
  }

  typeAt(at: number): string {
    return this.#typeNames[this.#types[at]!]!;
  }

  #add(row: number, type: string): void {
    let number = this.#typeOf.get(type);
    if (number === undefined) {
      number = this.#typeNames.push(type) - 1;
      this.#typeOf.set(type, number);
    }
    this.rows.push(row);
    this.#types.push(number);
    this.count++;
  }
}

export type SkippedOrId = string | SkippedPage;

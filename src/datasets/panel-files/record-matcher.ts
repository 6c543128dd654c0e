import { elementAt } from '../../util/arrays.ts';
import type { ProgressOptions } from '../index-progress.ts';
import { describeCandidates, matchIdentifiers, PAGE_IDS } from '../match-identifiers.ts';

/** A file that may be about many pages. */
export interface ManyPageFile {
  readonly path: string;
  /** Its name without extension, which some tools give to the folder of the images */
  readonly id: string;
}

/** A page of such a file. */
export interface RecordPlace {
  readonly file: ManyPageFile;
  readonly index: number;
  readonly name: string;
}

/** Why none of the files' pages is that of a row. */
export interface RecordProblem {
  readonly reason: 'ambiguous' | 'conflict';
  readonly detail: string;
}

/** Matches the pages that files name with rows, and gives no page to two rows. */
export class RecordMatcher {
  readonly #ids: readonly string[];
  /** By row, what is found. The caller's */
  readonly #found: Map<number, RecordPlace | RecordProblem>;
  readonly #placesByName = new Map<string, Set<RecordPlace>>();
  readonly #rowByPlace = new Map<RecordPlace, number>();

  constructor(ids: readonly string[], found: Map<number, RecordPlace | RecordProblem>) {
    this.#ids = ids;
    this.#found = found;
  }

  addName(name: string, place: RecordPlace): void {
    const places = this.#placesByName.get(name);
    if (places === undefined) this.#placesByName.set(name, new Set([place]));
    else places.add(place);
  }

  /** @param isBridged whether a name may match an id that is written differently */
  async match(rows: readonly number[], isBridged: (name: string) => boolean, progress: ProgressOptions): Promise<void> {
    if (this.#placesByName.size === 0) return;
    const namesById = this.#groupByExactId();
    const others: number[] = [];
    for (const row of rows) {
      const names = namesById.get(elementAt(this.#ids, row));
      if (names === undefined) others.push(row);
      else this.#assign(row, names, names.length);
    }
    const bridgedNames = [...this.#placesByName.keys()].filter(isBridged);
    if (bridgedNames.length === 0 || others.length === 0) return;
    const otherIds = others.map((row) => elementAt(this.#ids, row));
    await matchIdentifiers(
      otherIds,
      () => bridgedNames,
      PAGE_IDS,
      progress,
      (index, { candidates, count }) => this.#assign(elementAt(others, index), candidates, count),
    );
  }

  /** Names by the ids that they stand for exactly: as they are written, and without an extension. */
  #groupByExactId(): Map<string, string[]> {
    const namesById = new Map<string, string[]>();
    for (const name of this.#placesByName.keys()) {
      for (const id of new Set([name, name.replace(/\.[a-z0-9]{2,5}$/i, '')])) {
        const names = namesById.get(id);
        if (names === undefined) namesById.set(id, [name]);
        else names.push(name);
      }
    }
    return namesById;
  }

  /** @param names the first of `count` names that match the row */
  #assign(row: number, names: readonly string[], count: number): void {
    const places = new Set(names.flatMap((name) => [...(this.#placesByName.get(name) ?? [])]));
    const [place] = places;
    if (places.size !== 1 || count > names.length || place === undefined) {
      const files = new Set(Array.from(places, ({ file }) => file.path));
      const detail = `its panels could be ${describeCandidates({ candidates: names, count })} of ${[...files].join(', ')}`;
      this.#found.set(row, { reason: 'ambiguous', detail });
      return;
    }
    const otherRow = this.#rowByPlace.get(place);
    if (otherRow === undefined) {
      this.#rowByPlace.set(place, row);
      this.#found.set(row, place);
      return;
    }
    for (const [conflicting, other] of [
      [row, otherRow],
      [otherRow, row],
    ] as const) {
      const detail = `"${place.name}" of ${place.file.path} could as well be ${JSON.stringify(this.#ids[other])}`;
      this.#found.set(conflicting, { reason: 'conflict', detail });
    }
  }
}

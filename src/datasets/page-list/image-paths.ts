import { elementAt } from '../../util/arrays.ts';

/** Where every path has a pattern of its own, patterns save nothing. */
const MAX_PATTERNS = 1000;

/**
 * The image paths of a manifest, in little memory: most paths are the page's id between a folder and an extension, and are
 * stored as the number of that pattern.
 */
export class ImagePaths {
  readonly #paths: (string | number)[] = [];
  readonly #patterns: { readonly prefix: string; readonly suffix: string }[] = [];
  readonly #patternIndexes = new Map<string, number>();

  /** Adds the path of the next row. @param id the id of that row */
  push(id: string, path: string): void {
    const start = path.indexOf(id);
    this.#paths.push(
      start < 0 ? path : (this.#patternIndex(path.slice(0, start), path.slice(start + id.length)) ?? path),
    );
  }

  /** The path of a row as it was written. @param id the id of that row */
  get(row: number, id: string): string {
    const path = elementAt(this.#paths, row);
    if (typeof path === 'string') return path;
    const { prefix, suffix } = elementAt(this.#patterns, path);
    return prefix + id + suffix;
  }

  #patternIndex(prefix: string, suffix: string): number | undefined {
    const key = `${prefix}\n${suffix}`;
    const known = this.#patternIndexes.get(key);
    if (known !== undefined || this.#patterns.length === MAX_PATTERNS) return known;
    const pattern = this.#patterns.push({ prefix, suffix }) - 1;
    this.#patternIndexes.set(key, pattern);
    return pattern;
  }
}

/** Kinds of path that are told apart; each costs an entry, and where every path has its own there is nothing to save. */
const MAX_PATTERNS = 1000;

/**
 * The image paths of a manifest, which mostly are the page's id between a folder and an extension: those cost a number each
 * instead of a second long string.
 */
export class ImagePaths {
  readonly #paths: (string | number)[] = [];
  readonly #patterns: { readonly prefix: string; readonly suffix: string }[] = [];
  readonly #patternIndexes = new Map<string, number>();

  /** @param path of the page `id`, which gets the next row */
  push(id: string, path: string): void {
    const start = path.indexOf(id);
    this.#paths.push(
      start < 0 ? path : (this.#patternIndex(path.slice(0, start), path.slice(start + id.length)) ?? path),
    );
  }

  /** As it was written. @param id that of the row */
  get(row: number, id: string): string {
    const path = this.#paths[row]!;
    if (typeof path === 'string') return path;
    const { prefix, suffix } = this.#patterns[path]!;
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

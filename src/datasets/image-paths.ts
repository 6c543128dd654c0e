/** Kinds of path that are told apart; each costs an entry, and where every path has its own there is nothing to save. */
const MOST_FORMS = 1000;

/**
 * The image paths of a manifest, which mostly are the page's id between a folder and an extension: those cost a number each
 * instead of a second long string.
 */
export class ImagePaths {
  readonly #paths: (string | number)[] = [];
  readonly #forms: { readonly before: string; readonly after: string }[] = [];
  readonly #formOf = new Map<string, number>();

  /** @param path of the page `id`, which gets the next row */
  push(id: string, path: string): void {
    const at = path.indexOf(id);
    this.#paths.push(at < 0 ? path : (this.#form(path.slice(0, at), path.slice(at + id.length)) ?? path));
  }

  /** As it was written. @param id that of the row */
  of(row: number, id: string): string {
    const path = this.#paths[row]!;
    if (typeof path === 'string') return path;
    const { before, after } = this.#forms[path]!;
    return before + id + after;
  }

  #form(before: string, after: string): number | undefined {
    const key = `${before}\n${after}`;
    const known = this.#formOf.get(key);
    if (known !== undefined || this.#forms.length === MOST_FORMS) return known;
    const form = this.#forms.push({ before, after }) - 1;
    this.#formOf.set(key, form);
    return form;
  }
}

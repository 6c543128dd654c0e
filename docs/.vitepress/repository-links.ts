import { existsSync, statSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import type { MarkdownRenderer } from 'vitepress';

/**
 * Makes links that are right in the repository right on the site: README.md is the page of its folder, and files that are no pages
 * are copied beside the pages. Each file keeps its path, so that links stay relative.
 */
export class RepositoryLinks {
  readonly #repository: string;
  readonly #files = new Set<string>();

  constructor(repository: string) {
    this.#repository = repository;
  }

  install(md: MarkdownRenderer): void {
    md.core.ruler.push('repository-links', ({ tokens, env }) => {
      for (const token of tokens.flatMap(({ children }) => children ?? [])) {
        if (token.type !== 'link_open') continue;
        const href = token.attrGet('href') ?? '';
        if (/^([a-z]+:|#)/.test(href)) continue;
        if (/\.md(#|$)/.test(href)) token.attrSet('href', href.replace(/(^|\/)README\.md/, '$1index.md'));
        else {
          this.#addFile(env.path, href);
          // Without it, VitePress takes the link for one to a page.
          token.attrSet('target', '_self');
        }
      }
    });
  }

  /** Copies the files that pages link to into the folder of the site. */
  async copyFiles(outFolder: string): Promise<void> {
    for (const file of this.#files) await cp(path.join(this.#repository, file), path.join(outFolder, file));
  }

  #addFile(page: string, href: string): void {
    const file = path.resolve(path.dirname(page), decodeURI(href.replace(/#.*/, '')));
    if (!existsSync(file) || !statSync(file).isFile()) throw new Error(`${page}: the link ${href} leads to no file`);
    this.#files.add(path.relative(this.#repository, file));
  }
}

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import GithubSlugger from 'github-slugger';
import { marked, type Token } from 'marked';

interface MarkdownFile {
  readonly links: readonly string[];
  /** As repository views make them of headings */
  readonly anchors: ReadonlySet<string>;
}

/** The links of a Markdown file that lead nowhere: to no file, or to no heading of a Markdown file. */
export function findBrokenLinks(file: string): string[] {
  return readMarkdown(file).links.filter((href) => !leadsSomewhere(href, file));
}

export function countLinks(file: string): number {
  return readMarkdown(file).links.length;
}

/** Other sites are not asked: their addresses need only be such. */
function leadsSomewhere(href: string, file: string): boolean {
  if (/^[a-z]+:/.test(href)) return /^https?:\/\/[^\s/]+/.test(href) && URL.canParse(href);
  const [relativePath = '', anchor] = href.split('#');
  const target = relativePath === '' ? file : path.join(path.dirname(file), decodeURI(relativePath));
  if (!existsSync(target)) return false;
  return anchor === undefined || (target.endsWith('.md') && readMarkdown(target).anchors.has(anchor));
}

const readFiles = new Map<string, MarkdownFile>();

function readMarkdown(file: string): MarkdownFile {
  const known = readFiles.get(file);
  if (known !== undefined) return known;
  const slugger = new GithubSlugger();
  const links: string[] = [];
  const anchors = new Set<string>();
  marked.walkTokens(marked.lexer(readFileSync(file, 'utf8')), (token) => {
    if (token.type === 'link' || token.type === 'image') links.push(token.href);
    if (token.type === 'heading') anchors.add(slugger.slug(plainText(token.tokens ?? [])));
  });
  const markdown = { links, anchors };
  readFiles.set(file, markdown);
  return markdown;
}

/** A heading without the markup in it. */
function plainText(tokens: readonly Token[]): string {
  return tokens
    .map((token) => ('tokens' in token && token.tokens ? plainText(token.tokens) : 'text' in token ? token.text : ''))
    .join('');
}

/** The docs as a site: `npm run docs` writes build/docs. Pages are the Markdown files of the repository, as they are. */
import path from 'node:path';
import { slug } from 'github-slugger';
import { defineConfig } from 'vitepress';
import { RepositoryLinks } from './repository-links.ts';
import { SIDEBAR } from './sidebar.ts';

const REPOSITORY = path.join(import.meta.dirname, '../..');
const links = new RepositoryLinks(REPOSITORY);

export default defineConfig({
  title: 'panelvec',
  description: 'Embedding service for comic panels',
  lang: 'en',
  srcDir: '..',
  srcExclude: ['!(docs|models|clients|bench|scripts|*.md)/**', '.*/**', 'models/!(compact)/**', '**/{dist,.*}/**'],
  rewrites: {
    'README.md': 'index.md',
    'docs/decisions/README.md': 'docs/decisions/index.md',
    'models/:name/README.md': 'models/:name/index.md',
    'clients/:name/README.md': 'clients/:name/index.md',
    'bench/:name/README.md': 'bench/:name/index.md',
    'scripts/:name/README.md': 'scripts/:name/index.md',
  },
  outDir: path.join(REPOSITORY, 'build/docs'),
  cacheDir: path.join(REPOSITORY, 'build/docs-cache'),
  // Links to a service on this machine are no pages. All others must lead somewhere.
  ignoreDeadLinks: 'localhostLinks',
  markdown: {
    // The anchors of repository views: one link is right in both.
    anchor: { slugify: slug },
    // {id} at the end of a heading is text.
    attrs: { disable: true },
    config: (md) => links.install(md),
  },
  buildEnd: ({ outDir }) => links.copyFiles(outDir),
  themeConfig: {
    sidebar: SIDEBAR,
    outline: [2, 3],
    search: { provider: 'local' },
    nav: [
      { text: 'Tutorial', link: '/docs/tutorial' },
      { text: 'API', link: '/docs/reference/calls' },
      { text: 'Settings', link: '/docs/reference/settings' },
    ],
  },
});

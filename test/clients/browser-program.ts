import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';

/** Where a browser finds the packages, below the folder that has built the client */
const IMPORTS = {
  '@panelvec/client': '/client/dist/index.js',
  'openapi-fetch': '/client/node_modules/openapi-fetch/dist/index.mjs',
  'eventsource-parser/stream': '/client/node_modules/eventsource-parser/dist/stream.js',
};

/** Opens an empty page at the address of the service that can import the client as browsers do, from its built files. */
export async function openPageWithClient(page: Page, address: string, buildFolder: string): Promise<void> {
  await page.route('**/client/**', async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/client/') {
      const imports = `<script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script>`;
      return route.fulfill({ contentType: 'text/html', body: `<!doctype html><title>client</title>${imports}` });
    }
    const body = await readFile(path.join(buildFolder, pathname.slice('/client/'.length)), 'utf8');
    return route.fulfill({ contentType: 'text/javascript', body });
  });
  await page.goto(`${address}/client/`);
}

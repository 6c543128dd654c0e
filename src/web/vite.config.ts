import path from 'node:path';
import { defineConfig } from 'vite';
import { compressAssets } from './compress-assets.ts';

const REPOSITORY = path.join(import.meta.dirname, '../..');
const SERVICE_PATHS = ['/v1', '/v2', '/health', '/metrics', '/docs', '/openapi.json'];
const serviceUrl = process.env['PANELVEC_URL'] ?? 'http://127.0.0.1:8080';

/** Builds the page into build/web; `vite` itself serves it from the sources in front of a running service. */
export default defineConfig({
  root: import.meta.dirname,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: path.join(REPOSITORY, 'build/web'),
    emptyOutDir: true,
    target: 'es2022',
    // A file is never inlined: the policy of the page lets scripts and styles come from the service alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: 'licenses.md' },
    chunkSizeWarningLimit: 1000,
  },
  plugins: [compressAssets()],
  server: { proxy: Object.fromEntries(SERVICE_PATHS.map((prefix) => [prefix, serviceUrl])) },
});

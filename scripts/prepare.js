// Runs after `npm ci`: builds the page of the service. An installation without development dependencies has no tools for it, and the
// published package has the page instead of its sources.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const viteFolder = fileURLToPath(new URL('../node_modules/vite', import.meta.url));
const configFile = fileURLToPath(new URL('../src/web/vite.config.ts', import.meta.url));

if (existsSync(viteFolder) && existsSync(configFile)) {
  const { build } = await import('vite');
  await build({ configFile, logLevel: 'warn' });
} else if (existsSync(configFile)) {
  console.log('The page of the service is not built: Vite, a development dependency, is not installed.');
}

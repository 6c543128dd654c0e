/**
 * `npm run bench:search`: how fast collections of panels are filled and searched, and how many of the nearest panels a search by the
 * index finds, in the embedded database and on a server, beside a scan of all vectors in NumPy; then how a service answers searches
 * while it indexes. Prints tables, and a line of JSON for each part.
 */
import { printProgress } from '../runner/report.ts';
import { inventBasePanels, readBasePanels } from './base-panels.ts';
import { type CollectionResult, measureCollection } from './measure-collection.ts';
import { measureService } from './measure-service.ts';
import { PanelVectors } from './panel-vectors.ts';
import { KINDS, readSearchOptions } from './search-options.ts';
import { printSearchReport, printServiceReport } from './search-report.ts';

const SEED = 1;

// Exit handlers stop all children and remove all files: see ChildProcesses and TemporaryFolder.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const options = readSearchOptions();
const base = options.base === undefined ? inventBasePanels() : await readBasePanels(options.base);
const vectors = new PanelVectors(base, SEED);
const results: CollectionResult[] = [];
for (const kind of KINDS) {
  for (const panels of options.sizes[kind]) {
    printProgress(`${kind}: ${panels} panels`);
    results.push(await measureCollection(kind, panels, vectors, options));
  }
}
printSearchReport(results, base.length);
if (options.service !== undefined) {
  printProgress(`service: ${options.service} panels`);
  printServiceReport(await measureService(vectors, options.service, options.seconds));
}

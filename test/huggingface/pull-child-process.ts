/** Pulls in a child process that a test can kill: `pull-child-process.ts ENDPOINT FOLDER FILES` */
import { pullFiles } from '../../src/huggingface/pull.ts';

const [endpoint, folder, files] = process.argv.slice(2);
await pullFiles(
  JSON.parse(files!),
  folder!,
  { endpoint, token: undefined, parallel: 1 },
  { setTotal: () => {}, advance: () => {} },
);

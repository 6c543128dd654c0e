import path from 'node:path';

/** Where a training keeps what it writes. */
export function trainingPaths(folder: string) {
  return { checkpoints: path.join(folder, 'checkpoints'), history: path.join(folder, 'history.jsonl') };
}

import { readFile } from 'node:fs/promises';
import path from 'node:path';

export async function readJson(...file: string[]) {
  return JSON.parse(await readFile(path.join(...file), 'utf8'));
}

export async function readJsonLines(...file: string[]) {
  const lines = (await readFile(path.join(...file), 'utf8')).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
}

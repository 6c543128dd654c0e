import path from 'node:path';

/**
 * Path of a code file that a process or a thread is to run, beside the file that starts it: `codeFile(import.meta, 'engine-main')`.
 * The repository runs TypeScript, the published package what is compiled of it, so the names end as that of the caller does.
 */
export function codeFile(caller: ImportMeta, name: string): string {
  return path.join(caller.dirname, `${name}${path.extname(caller.filename)}`);
}

import path from 'node:path';

/**
 * Path of a program of a process or a thread, named without its ending, beside the file that starts it. The repository runs
 * TypeScript, the published package what is compiled of it: the program ends as the file of the caller does.
 */
export function codeFile(caller: ImportMeta, name: string): string {
  return path.join(caller.dirname, `${name}${path.extname(caller.filename)}`);
}

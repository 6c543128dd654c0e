import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { firstLine } from '../errors.ts';
import { writeFileAtomic } from '../files/atomic-write.ts';
import { type EngineLayout, MAX_DECODE_THREADS } from '../inference/engine-layout.ts';
import { canonicalJson } from '../util/json.ts';
import type { Machine } from './machine.ts';

const positiveInteger = z.number().int().positive();
const layoutSchema = z.strictObject({
  engines: positiveInteger,
  threads: positiveInteger,
  decodeThreads: positiveInteger.max(MAX_DECODE_THREADS),
});
const measuredSchema = z.strictObject({
  machine: z.record(z.string(), z.union([z.string(), z.number()])),
  layout: layoutSchema,
  panelsPerSecond: z.number().positive(),
  measuredAt: z.iso.datetime(),
});
const fileSchema = z.strictObject({ layouts: z.array(measuredSchema) });
type MeasuredLayout = z.infer<typeof measuredSchema>;

/** The measured layouts of a home, one for each machine that uses it. */
export class LayoutFile {
  readonly #file: string;

  constructor(home: string) {
    this.#file = path.join(home, 'layout.json');
  }

  /** The layout that was measured on a machine like this one. @param onProblem told why the file cannot be used */
  async find(machine: Machine, onProblem: (problem: string) => void): Promise<EngineLayout | undefined> {
    const layouts = await this.#read(onProblem);
    return layouts.find((measured) => isOf(measured, machine))?.layout;
  }

  /** Replaces what was measured on a machine like this one. @throws PanelvecError where the home cannot be written */
  async save(machine: Machine, layout: EngineLayout, panelsPerSecond: number): Promise<void> {
    const others = (await this.#read(() => {})).filter((measured) => !isOf(measured, machine));
    const measuredAt = new Date().toISOString();
    const layouts = [...others, { machine: { ...machine }, layout, panelsPerSecond, measuredAt }];
    await mkdir(path.dirname(this.#file), { recursive: true });
    await writeFileAtomic(this.#file, `${JSON.stringify({ layouts }, null, 2)}\n`);
  }

  /** A file that cannot be read holds nothing that could not be measured again. */
  async #read(onProblem: (problem: string) => void): Promise<readonly MeasuredLayout[]> {
    try {
      return fileSchema.parse(JSON.parse(await readFile(this.#file, 'utf8'))).layouts;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') onProblem(`${this.#file}: ${firstLine(error)}`);
      return [];
    }
  }
}

function isOf(measured: MeasuredLayout, machine: Machine): boolean {
  return canonicalJson(measured.machine) === canonicalJson(machine);
}

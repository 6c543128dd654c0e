import { existsSync } from 'node:fs';
import { link, mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder } from '../../formats/whole-file.ts';
import { WeightsError } from '../../weights/weights-error.ts';
import { readCheckpoint, type TrainingState, writeCheckpoint } from './checkpoint-file.ts';

const NAME = /^step-(\d+)\.safetensors$/;
const BEST = 'best.safetensors';
const PENDING = 'pending.safetensors';
/** Two: where the last is damaged, the one before it is not. */
const KEPT = 2;

/** The checkpoints of one training in a folder: the last two, and the best. */
export class Checkpoints {
  readonly #folder: string;
  readonly #training: string;

  /** @param training stands for data, model and options */
  constructor(folder: string, training: string) {
    this.#folder = folder;
    this.#training = training;
  }

  /** The latest that is whole, and what was wrong with those after it. */
  async last(): Promise<{ readonly state: TrainingState | undefined; readonly damaged: readonly string[] }> {
    await mkdir(this.#folder, { recursive: true });
    await this.#removeStrays();
    const damaged: string[] = [];
    for (const file of (await this.#files()).reverse()) {
      try {
        return { state: await readCheckpoint(file, this.#training), damaged };
      } catch (error) {
        if (!(error instanceof WeightsError)) throw error;
        damaged.push(error.message);
        await rm(file, { force: true });
      }
    }
    // Of another training, or of one that was never gone on from: nobody may take it for the best of this one.
    await rm(this.best, { force: true });
    return { state: undefined, damaged };
  }

  /** Writes the state, whole and on the disk, and lets go of what is no longer needed. */
  async keep(state: TrainingState, isBest: boolean): Promise<void> {
    const pending = path.join(this.#folder, PENDING);
    await writeCheckpoint(pending, state, this.#training);
    // First of all the best: whoever goes on from this checkpoint takes it that the best is there, whatever was killed when.
    if (isBest) {
      const linked = `${this.best}.tmp`;
      await rm(linked, { force: true });
      await link(pending, linked);
      await rename(linked, this.best);
    }
    await rename(pending, path.join(this.#folder, `step-${String(state.position.step).padStart(9, '0')}.safetensors`));
    await syncFolder(this.#folder);
    for (const old of (await this.#files()).slice(0, -KEPT)) await rm(old, { force: true });
  }

  get best(): string {
    return path.join(this.#folder, BEST);
  }

  /** The file of the best epoch, or the last where none was weighed. @throws WeightsError where there is none */
  async result(): Promise<string> {
    const file = existsSync(this.best) ? this.best : (await this.#files()).at(-1);
    if (file === undefined) throw new WeightsError(`${this.#folder} holds no checkpoint`);
    return file;
  }

  /** What a process that was killed while it wrote has left. */
  async #removeStrays(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      if (name.startsWith(`${PENDING}.`)) await rm(path.join(this.#folder, name), { force: true });
    }
  }

  /** From the oldest on */
  async #files(): Promise<string[]> {
    const names = (await readdir(this.#folder)).filter((name) => NAME.test(name)).sort();
    return names.map((name) => path.join(this.#folder, name));
  }
}

import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { linkFileAtomic } from '../../files/atomic-write.ts';
import { WeightsError } from '../../weights/weights-error.ts';
import { readCheckpoint, type TrainingSnapshot, writeCheckpoint } from './checkpoint-file.ts';
import type { TrainerState } from './trainer-state.ts';

const FILE_NAME = /^step-(\d+)\.safetensors$/;
const BEST_FILE = 'best.safetensors';
/** Where the last is damaged, the one before it is used. */
const MAX_KEPT = 2;

/** The checkpoints of one training in a folder: the last two, and the best. */
export class Checkpoints {
  readonly #folder: string;
  readonly #fingerprint: string;
  /** Of the last checkpoint that was saved or loaded */
  #savedStep = 0;

  /** @param fingerprint stands for data, model and options */
  constructor(folder: string, fingerprint: string) {
    this.#folder = folder;
    this.#fingerprint = fingerprint;
  }

  /** Reads the latest checkpoint that is intact. Removes damaged ones, and returns what was wrong with each. */
  async loadLatest(): Promise<{
    readonly snapshot: TrainingSnapshot | undefined;
    readonly damaged: readonly string[];
  }> {
    await mkdir(this.#folder, { recursive: true });
    await this.#removeOtherFiles();
    const damaged: string[] = [];
    for (const file of (await this.#files()).reverse()) {
      try {
        const snapshot = await readCheckpoint(file, this.#fingerprint);
        this.#savedStep = snapshot.trainerState.step;
        return { snapshot, damaged };
      } catch (error) {
        if (!(error instanceof WeightsError)) throw error;
        damaged.push(error.message);
        await rm(file, { force: true });
      }
    }
    // It belongs to another training, or to one without a checkpoint: it must not become the result of this one.
    await rm(this.bestFile, { force: true });
    return { snapshot: undefined, damaged };
  }

  /** Writes a checkpoint atomically, synced to disk, and removes those that are no longer needed. */
  async save(snapshot: TrainingSnapshot, isBest: boolean): Promise<void> {
    const file = path.join(this.#folder, `step-${String(snapshot.trainerState.step).padStart(9, '0')}.safetensors`);
    if (isBest) {
      // The best comes first: whoever resumes from this checkpoint relies on it, wherever a kill came between the two.
      await writeCheckpoint(this.bestFile, snapshot, this.#fingerprint);
      await linkFileAtomic(this.bestFile, file);
    } else await writeCheckpoint(file, snapshot, this.#fingerprint);
    for (const old of (await this.#files()).slice(0, -MAX_KEPT)) await rm(old, { force: true });
    this.#savedStep = snapshot.trainerState.step;
  }

  /** Whether the last checkpoint holds this state already. The end of an epoch changes the state without a step. */
  isSaved({ step, batch }: TrainerState): boolean {
    return step === this.#savedStep && batch > 0;
  }

  get bestFile(): string {
    return path.join(this.#folder, BEST_FILE);
  }

  /** The checkpoint of the best epoch, or the last one without validation. @throws WeightsError where there is none */
  async resultFile(): Promise<string> {
    const file = existsSync(this.bestFile) ? this.bestFile : (await this.#files()).at(-1);
    if (file === undefined) throw new WeightsError(`${this.#folder} holds no checkpoint`);
    return file;
  }

  /** Removes what a killed process left while it wrote, whatever a version named it. Nothing else belongs into the folder. */
  async #removeOtherFiles(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      if (!FILE_NAME.test(name) && name !== BEST_FILE) await rm(path.join(this.#folder, name), { force: true });
    }
  }

  /** Files of the checkpoints, oldest first. */
  async #files(): Promise<string[]> {
    const names = (await readdir(this.#folder)).filter((name) => FILE_NAME.test(name)).sort();
    return names.map((name) => path.join(this.#folder, name));
  }
}

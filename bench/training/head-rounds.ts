import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { readModel, toHeadSpec } from '../../src/model/model.ts';
import { TRAINER_ENV } from '../../src/training/trainer-process/trainer-process.ts';
import { type Children, request } from '../children.ts';
import { TemporaryFolder } from '../jobs/temporary-folder.ts';
import { VARIANTS, type Variant } from './head-objectives.ts';
import { writeHeadPages } from './head-pages.ts';
import type { HeadReady, HeadRequest, HeadWindow } from './head-steps.ts';
import { runPytorchHead } from './pytorch-head.ts';

const WARM_UP_SECONDS = 1;

export interface HeadSettings {
  readonly rounds: number;
  /** Of one window of ours */
  readonly seconds: number;
  readonly threads: number;
  /** Folder of the model whose encoders the head is for */
  readonly modelFolder: string;
  /** See Options.pytorchHead */
  readonly pytorch: string | undefined;
}

export interface HeadRound {
  readonly ours: Readonly<Record<Variant, HeadWindow>>;
  /** Steps per second */
  readonly pytorch: number | undefined;
}

export interface HeadContest {
  readonly parameters: number;
  readonly rounds: readonly HeadRound[];
}

/** Our training steps of either kind and those of PyTorch in turn, again and again. */
export async function measureHead(children: Children, settings: HeadSettings): Promise<HeadContest> {
  const { modelFolder, threads, seconds, pytorch } = settings;
  using folder = new TemporaryFolder();
  const pages = path.join(folder.path, 'pages.safetensors');
  await writeHeadPages(pages, toHeadSpec((await readModel(modelFolder)).spec));
  const heads: Partial<Record<Variant, ChildProcess>> = {};
  let parameters = 0;
  for (const variant of VARIANTS) {
    const { child, ready: announced } = await forkHead(children, variant, modelFolder, pages, threads);
    heads[variant] = child;
    parameters = announced.parameters;
  }
  const windows = async (length: number): Promise<HeadRound['ours']> => {
    const ours: Partial<Record<Variant, HeadWindow>> = {};
    for (const variant of VARIANTS) {
      ours[variant] = await request<HeadRequest, HeadWindow>(heads[variant]!, { seconds: length });
    }
    return ours as HeadRound['ours'];
  };
  await windows(WARM_UP_SECONDS);
  const rounds: HeadRound[] = [];
  while (rounds.length < settings.rounds) {
    const ours = await windows(seconds);
    const theirs = pytorch === undefined ? undefined : await runPytorchHead(children, pytorch, parameters);
    rounds.push({ ours, pytorch: theirs });
  }
  return { parameters, rounds };
}

function forkHead(children: Children, variant: Variant, modelFolder: string, pages: string, threads: number) {
  const args = [variant, modelFolder, pages, String(threads)];
  return children.fork<HeadReady>('training/head-steps.ts', args, TRAINER_ENV);
}

import type { ChildProcess } from 'node:child_process';
import { type Children, request } from '../children.ts';
import type { EncoderReady, EncoderRequest } from './contestant.ts';
import { BATCH, type Contestant, contestants, type Encoder, SMALLER_BATCHES, SWEPT_ENCODER } from './contestants.ts';
import { runPytorch } from './pytorch.ts';

/** PyTorch takes nearly as long as a round: so many are compared with one run of it. */
const ROUNDS_OF_A_PYTORCH_RUN = 3;
/** Of a window, for the batches that nothing else is compared with */
const SHORT_WINDOW_FACTOR = 0.5;

/** Items per second of one contestant in one round. */
export interface Rate extends Omit<Contestant, 'variant'> {
  readonly variant: Contestant['variant'] | 'pytorch';
  readonly batch: number;
  readonly itemsPerSecond: number;
}

export type EncoderRound = readonly Rate[];

export interface EncoderContest {
  readonly rounds: readonly EncoderRound[];
  /** Of our graphs on the same input */
  readonly features: readonly (Contestant & EncoderReady)[];
}

export interface ContestSettings {
  readonly rounds: number;
  readonly seconds: number;
  readonly threads: number;
  /** Folder of the model with our encoders */
  readonly folder: string;
  /** Folder of exported ONNX files */
  readonly exported: string | undefined;
  /** See Options */
  readonly pytorch: string | undefined;
}

interface Entrant extends Contestant {
  readonly child: ChildProcess;
}

/** All contestants in turn, again and again: a slow moment of the machine meets them all. */
export async function measureEncoders(children: Children, settings: ContestSettings): Promise<EncoderContest> {
  const entrants: Entrant[] = [];
  const features: (Contestant & EncoderReady)[] = [];
  for (const contestant of contestants(settings.exported !== undefined)) {
    const { child, ready: announced } = await forkContestant(children, contestant, settings);
    entrants.push({ ...contestant, child });
    if (contestant.variant !== 'exported') features.push({ ...contestant, ...announced });
  }
  // Once through everything, because the first run of a shape is slower.
  await measureRound(entrants, 0);
  const rounds: EncoderRound[] = [];
  let pytorch: EncoderRound = [];
  while (rounds.length < settings.rounds) {
    if (settings.pytorch !== undefined && rounds.length % ROUNDS_OF_A_PYTORCH_RUN === 0) {
      pytorch = pytorchRates(await runPytorch(children, settings.pytorch));
    }
    rounds.push([...(await measureRound(entrants, settings.seconds)), ...pytorch]);
  }
  return { rounds, features };
}

function forkContestant(children: Children, contestant: Contestant, settings: ContestSettings) {
  const folder = contestant.variant === 'exported' ? settings.exported! : settings.folder;
  const args = [JSON.stringify(contestant), folder, String(settings.threads)];
  return children.fork<EncoderReady>('encoders/contestant.ts', args);
}

async function measureRound(entrants: readonly Entrant[], seconds: number): Promise<EncoderRound> {
  const rates: Rate[] = [];
  for (const { child, encoder, variant } of entrants) {
    for (const batch of batchesOf({ encoder, variant })) {
      const itemsPerSecond = await request<EncoderRequest, number>(child, {
        batch,
        seconds: batch === BATCH ? seconds : SHORT_WINDOW_FACTOR * seconds,
      });
      rates.push({ encoder, variant, batch, itemsPerSecond });
    }
  }
  return rates;
}

function batchesOf({ encoder, variant }: Contestant): readonly number[] {
  return encoder === SWEPT_ENCODER && variant === 'fp32' ? [...SMALLER_BATCHES, BATCH] : [BATCH];
}

function pytorchRates(rates: Readonly<Record<Encoder, number>>): EncoderRound {
  return Object.entries(rates).map(([encoder, itemsPerSecond]) => ({
    encoder: encoder as Encoder,
    variant: 'pytorch',
    batch: BATCH,
    itemsPerSecond,
  }));
}

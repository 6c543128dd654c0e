import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { HubFile, HubSettings } from '../../src/hub/hub-file.ts';
import { type PulledFile, pullFiles } from '../../src/hub/pull.ts';
import { DEFAULT_TUNING, type PullTuning } from '../../src/hub/tuning.ts';
import { type Misbehaviour, type SmallHub, startSmallHub } from '../support/small-hub.ts';

export const REPO = 'comics/encoder';
/** Larger than what sockets and pipes hold at a time */
export const LARGE_BYTES = 3_000_000;
export const LARGE = randomBytes(LARGE_BYTES);
export const SMALL = Buffer.from('{"small": true}\n');

export const large: HubFile = { repo: REPO, revision: 'main', path: 'onnx/model.onnx', as: 'vision.onnx' };
export const small: HubFile = { repo: REPO, revision: 'main', path: 'config.json', as: 'config.json' };

export interface PullOptions extends Partial<HubSettings> {
  readonly files?: readonly HubFile[];
  readonly tuning?: Partial<PullTuning>;
  readonly signal?: AbortSignal;
}

/** A hub with one file of each kind, an empty folder, and what a pull between them tells. */
export class Pulls implements AsyncDisposable {
  readonly hub: SmallHub;
  readonly folder: string;
  /** Waits between tries, in milliseconds; none is really waited for */
  readonly waits: number[] = [];
  totals: number[] = [];
  advances: number[] = [];
  onAdvance: () => void = () => {};

  private constructor(hub: SmallHub, folder: string) {
    this.hub = hub;
    this.folder = folder;
  }

  static async start(options: { xet?: boolean } = {}): Promise<Pulls> {
    const hub = await startSmallHub({ [REPO]: { [large.path]: LARGE, [small.path]: SMALL } }, options);
    return new Pulls(hub, await mkdtemp(path.join(tmpdir(), 'panelvec-hub-')));
  }

  async pull({ files = [large], tuning, signal, ...settings }: PullOptions = {}): Promise<readonly PulledFile[]> {
    const { endpoint } = this.hub;
    const wait = async (milliseconds: number) => void this.waits.push(milliseconds);
    [this.totals, this.advances] = [[], []];
    return pullFiles(
      files,
      this.folder,
      { endpoint, token: undefined, parallel: 2, ...settings },
      {
        total: (bytes) => this.totals.push(bytes),
        advance: (bytes) => {
          this.advances.push(bytes);
          this.onAdvance();
        },
      },
      signal,
      { ...DEFAULT_TUNING, wait, ...tuning },
    );
  }

  misbehave(file: HubFile, ...how: Misbehaviour[]): void {
    this.hub.misbehave(file.repo, file.path, ...how);
  }

  /** Requests that were about content, not about what a file is */
  get contentRequests() {
    return this.hub.log.filter(({ status, bytesSent }) => bytesSent > 1 || status === 416);
  }

  get bytesSent(): number {
    return this.hub.log.reduce((sum, { bytesSent }) => sum + bytesSent, 0);
  }

  get advanced(): number {
    return this.advances.reduce((sum, bytes) => sum + bytes, 0);
  }

  names(): Promise<string[]> {
    return readdir(this.folder).then((names) => names.sort());
  }

  read(name: string): Promise<Buffer> {
    return readFile(path.join(this.folder, name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hub.close();
    await rm(this.folder, { recursive: true });
  }
}

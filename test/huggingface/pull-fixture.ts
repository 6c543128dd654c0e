import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { HubSettings } from '../../src/huggingface/hub-client.ts';
import type { HubFile } from '../../src/huggingface/hub-file.ts';
import { type PulledFile, pullFiles } from '../../src/huggingface/pull.ts';
import { DEFAULT_PULL_POLICY, type PullPolicy } from '../../src/huggingface/pull-context.ts';
import { type FakeHub, type Fault, startFakeHub } from '../support/fake-hub.ts';
import { seededBytes } from '../support/numeric.ts';

export const REPO = 'comics/encoder';
/** Larger than the buffers of a socket */
export const LARGE_BYTES = 3_000_000;
export const LARGE = seededBytes(LARGE_BYTES, 1);
export const SMALL = Buffer.from('{"small": true}\n');

export const large: HubFile = { repo: REPO, revision: 'main', path: 'onnx/model.onnx', fileName: 'vision.onnx' };
export const small: HubFile = { repo: REPO, revision: 'main', path: 'config.json', fileName: 'config.json' };

export interface PullOptions extends Partial<HubSettings> {
  readonly files?: readonly HubFile[];
  readonly policy?: Partial<PullPolicy>;
  readonly signal?: AbortSignal;
}

/** A fake hub with a large and a small file, an empty folder, and records of the pulls between them. */
export class PullFixture implements AsyncDisposable {
  readonly hub: FakeHub;
  readonly folder: string;
  /** Waits between attempts, in milliseconds; the tests do not really wait */
  readonly waits: number[] = [];
  totals: number[] = [];
  progressUpdates: number[] = [];
  onAdvance: () => void = () => {};

  private constructor(hub: FakeHub, folder: string) {
    this.hub = hub;
    this.folder = folder;
  }

  static async start(options: { xet?: boolean } = {}): Promise<PullFixture> {
    const hub = await startFakeHub({ [REPO]: { [large.path]: LARGE, [small.path]: SMALL } }, options);
    return new PullFixture(hub, await mkdtemp(path.join(tmpdir(), 'panelvec-hub-')));
  }

  async pull({ files = [large], policy, signal, ...settings }: PullOptions = {}): Promise<readonly PulledFile[]> {
    const { endpoint } = this.hub;
    const wait = async (milliseconds: number) => void this.waits.push(milliseconds);
    [this.totals, this.progressUpdates] = [[], []];
    return pullFiles(
      files,
      this.folder,
      { endpoint, token: undefined, parallel: 2, ...settings },
      {
        setTotal: (bytes) => this.totals.push(bytes),
        advance: (bytes) => {
          this.progressUpdates.push(bytes);
          this.onAdvance();
        },
      },
      signal,
      { ...DEFAULT_PULL_POLICY, wait, ...policy },
    );
  }

  injectFaults(file: HubFile, ...faults: Fault[]): void {
    this.hub.injectFaults(file.repo, file.path, ...faults);
  }

  /** Requests for content, without those for size and ETag */
  get contentRequests() {
    return this.hub.log.filter(({ status, bytesSent }) => bytesSent > 1 || status === 416);
  }

  get bytesSent(): number {
    return this.hub.log.reduce((sum, { bytesSent }) => sum + bytesSent, 0);
  }

  get reportedBytes(): number {
    return this.progressUpdates.reduce((sum, bytes) => sum + bytes, 0);
  }

  fileNames(): Promise<string[]> {
    return readdir(this.folder).then((names) => names.sort());
  }

  readFile(name: string): Promise<Buffer> {
    return readFile(path.join(this.folder, name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hub.close();
    await rm(this.folder, { recursive: true });
  }
}

import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { firstLine, PanelvecError } from '../errors.ts';
import { removeIfFree } from '../files/files-in-use.ts';
import { emit } from '../graph/emit/emit.ts';
import { MatMul } from '../graph/ops/operators.ts';
import { input } from '../graph/value.ts';
import type { ChosenProvider, Provider, ProviderChoice } from './provider.ts';

/**
 * GPU providers that `auto` tries, best first. The others must be asked for: TensorRT builds engines for minutes, and a
 * WebGPU adapter may be a software renderer, slower than the CPU provider.
 */
const AUTO_PROVIDERS: readonly Provider[] = ['cuda'];

const PROFILE_NAMES: Readonly<Record<string, Provider>> = {
  CPUExecutionProvider: 'cpu',
  CUDAExecutionProvider: 'cuda',
  TensorrtExecutionProvider: 'tensorrt',
  WebGpuExecutionProvider: 'webgpu',
};

/**
 * The provider that a device runs: the one that was asked for, or the best for `auto`.
 * @throws PanelvecError provider_unavailable where the provider that was asked for does not run
 */
export async function chooseProvider({
  provider,
  device,
}: {
  readonly provider: ProviderChoice;
  readonly device: number;
}): Promise<ChosenProvider> {
  if (provider !== 'auto') {
    const problem = await findProviderProblem(provider, device);
    if (problem === undefined) return { provider, fallback: undefined };
    throw new PanelvecError('provider_unavailable', `the ${provider} provider does not run: ${problem}`);
  }
  const problems: string[] = [];
  for (const candidate of AUTO_PROVIDERS) {
    const problem = await findProviderProblem(candidate, device);
    if (problem === undefined) return { provider: candidate, fallback: undefined };
    problems.push(`${candidate}: ${problem}`);
  }
  return { provider: 'cpu', fallback: problems.join('; ') };
}

/** The provider in ONNX Runtime's terms, with the CPU for nodes that it does not have. */
export function executionProviders(provider: Provider, device: number): ort.InferenceSession.ExecutionProviderConfig[] {
  if (provider === 'cpu') return ['cpu'];
  return [provider === 'webgpu' ? 'webgpu' : { name: provider, deviceId: device }, 'cpu'];
}

/**
 * Runs one matrix product and reads from the profile which provider computed it. ONNX Runtime's list of backends names
 * providers whose libraries are missing, and a session may silently place nodes on the CPU.
 */
async function findProviderProblem(provider: Provider, device: number): Promise<string | undefined> {
  const folder = await mkdtemp(path.join(tmpdir(), 'panelvec-probe-'));
  try {
    const actualProvider = await runProfiledProbe(provider, device, path.join(folder, 'profile'), folder);
    return actualProvider === provider ? undefined : `its work went to ${actualProvider}`;
  } catch (error) {
    return firstLine(error);
  } finally {
    await removeIfFree(folder);
  }
}

async function runProfiledProbe(provider: Provider, device: number, prefix: string, folder: string): Promise<string> {
  const x = input('x', 'float32', [64, 64]);
  const session = await ort.InferenceSession.create(emit({ name: 'probe', outputs: { y: MatMul(x, x) } }), {
    executionProviders: executionProviders(provider, device),
    enableProfiling: true,
    profileFilePrefix: prefix,
  });
  await session.run({ x: new ort.Tensor('float32', new Float32Array(64 * 64), [64, 64]) });
  session.endProfiling();
  await session.release();
  const [file] = await readdir(folder);
  if (file === undefined) throw new Error('ONNX Runtime wrote no profile');
  const events: { cat?: string; args?: { provider?: string; op_name?: string } }[] = JSON.parse(
    await readFile(path.join(folder, file), 'utf8'),
  );
  const name = events.find((event) => event.cat === 'Node' && event.args?.op_name === 'MatMul')?.args?.provider;
  return PROFILE_NAMES[name ?? ''] ?? name ?? 'no provider';
}

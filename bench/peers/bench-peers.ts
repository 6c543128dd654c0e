import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { median } from '../../src/util/arrays.ts';
import type { BenchOptions } from '../bench-options.ts';
import { ChildProcesses } from '../runner/child-processes.ts';
import { findFreePort } from '../runner/free-port.ts';
import { formatRange, formatTable, printProgress, printReport } from '../runner/report.ts';
import { measureInTurn, runRounds } from '../runner/rounds.ts';
import { withDefaultService } from '../serving/default-service.ts';
import { type Clients, forkClients, measureServer } from '../serving/server-window.ts';

const ROUNDS = 3;
const WINDOW = { settleSeconds: 1, batch: 1 } as const;
const WINDOW_FACTOR = 2;
const TORCH_SERVER = path.join(import.meta.dirname, 'torch_server.py');
const WEIGHTS = path.join(import.meta.dirname, '../../models/compact/efficientnet_lite1.safetensors');
const POLL_MS = 500;
/** A compiler may run before a server is ready. */
const MAX_POLLS = 600;

interface Peer {
  readonly name: string;
  readonly target: 'image' | 'text';
  readonly path: string;
  /** @param python path of the interpreter */
  readonly command: (port: number, python: string, minilm: string) => readonly string[];
}

const PEERS: readonly Peer[] = [
  {
    name: 'infinity-emb, texts',
    target: 'text',
    path: '/embeddings',
    command: (port, python, minilm) => [
      path.join(path.dirname(python), 'infinity_emb'),
      ...['v2', '--model-id', minilm, '--engine', 'torch', '--device', 'cpu', '--no-bettertransformer'],
      ...['--host', '127.0.0.1', '--port', String(port)],
    ],
  },
  torchPeer('PyTorch, FastAPI, one process', ['1']),
  torchPeer('PyTorch, FastAPI, two processes', ['2']),
  torchPeer('PyTorch, FastAPI, two processes, compiled', ['2', 'compile']),
];

function torchPeer(name: string, args: readonly string[]): Peer {
  const command = (port: number, python: string) => [python, TORCH_SERVER, String(port), WEIGHTS, ...args];
  return { name, target: 'image', path: '/embed', command };
}

/** What do servers of others do with the same weights? @param options with `python` and `minilm`, else nothing is measured */
export async function benchPeers({ seconds: windowSeconds, quick, python, minilm }: BenchOptions): Promise<void> {
  if (python === undefined || minilm === undefined) {
    printProgress('peers: left out, because --python and --minilm are not given');
    return;
  }
  const seconds = WINDOW_FACTOR * windowSeconds;
  const roundCount = quick ? 1 : ROUNDS;
  await withDefaultService(async (service) => {
    await using children = new ChildProcesses({
      ...process.env,
      HF_HUB_OFFLINE: '1',
      DO_NOT_TRACK: '1',
      INFINITY_ANONYMOUS_USAGE_STATS: '0',
    });
    const clients = await forkClients(children);
    const addresses: string[] = [];
    // One after the other: some measure themselves when they start.
    for (const peer of PEERS) {
      printProgress(`peers: starting ${peer.name}`);
      addresses.push(await startPeer(children, peer, python, minilm));
    }
    const measure = (windowSeconds: number) => measureRound(service.address, addresses, clients, windowSeconds);
    await measure(seconds);
    const rounds = await runRounds(roundCount, () => measure(seconds));
    printPeers(rounds, seconds);
  });
}

/** Requests per second by name. */
type PeersRound = Readonly<Record<string, number>>;

function measureRound(
  service: string,
  addresses: readonly string[],
  clients: Clients,
  seconds: number,
): Promise<PeersRound> {
  const measure = async (address: string, target: 'image' | 'text', targetPath?: string) => {
    const window = { ...WINDOW, target, path: targetPath, seconds };
    return (await measureServer(address, clients, window)).panelsPerSecond;
  };
  const ours = ['image', 'text'] as const;
  return measureInTurn(
    Object.fromEntries([
      ...ours.map((target) => [oursOf(target), () => measure(service, target)] as const),
      ...PEERS.map((peer, i) => [peer.name, () => measure(addresses[i] ?? '', peer.target, peer.path)] as const),
    ]),
  );
}

function oursOf(target: 'image' | 'text'): string {
  return target === 'image' ? 'panelvec, pictures' : 'panelvec, texts';
}

async function startPeer(children: ChildProcesses, peer: Peer, python: string, minilm: string): Promise<string> {
  const port = await findFreePort();
  const [command = '', ...args] = peer.command(port, python, minilm);
  const { child, stdout } = children.spawn(command, args, { detached: true });
  stdout.resume();
  const address = `http://127.0.0.1:${port}`;
  for (let poll = 0; poll < MAX_POLLS; poll++) {
    if (child.exitCode !== null) throw new Error(`${peer.name} ended with ${child.exitCode}`);
    const response = await fetch(`${address}/health`).catch(() => undefined);
    if (response?.ok === true) return address;
    await delay(POLL_MS);
  }
  throw new Error(`${peer.name} was not ready in time`);
}

function printPeers(rounds: readonly PeersRound[], seconds: number): void {
  const results = (['image', 'text'] as const).flatMap((target) => {
    const ours = oursOf(target);
    return [ours, ...PEERS.filter((peer) => peer.target === target).map(({ name }) => name)].map((name) => {
      const ratios = rounds.map((round) => (round[ours] ?? Number.NaN) / (round[name] ?? Number.NaN));
      return {
        name,
        requestsPerSecond: median(rounds.map((round) => round[name] ?? Number.NaN)),
        panelvecRatio: median(ratios),
        ratioRange: formatRange(ratios, 2),
      };
    });
  });
  const rows = results.map(({ name, requestsPerSecond, panelvecRatio, ratioRange }) => [
    name,
    requestsPerSecond.toFixed(1),
    `${panelvecRatio.toFixed(2)} (${ratioRange})`,
  ]);
  printReport(formatTable([['', 'requests/s', 'panelvec / this'], ...rows]), { part: 'peers', seconds, results });
}

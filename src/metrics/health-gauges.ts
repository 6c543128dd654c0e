import { statfs } from 'node:fs/promises';
import { Gauge, type Registry } from 'prom-client';

/** What tells whether a service, and what it depends on, are well. */
export interface HealthReader {
  isReady(): boolean;
  /** Whether each database that the service uses answers, by what it holds. Never rejects */
  databases(): Promise<Readonly<Record<string, boolean>>>;
  readonly home: string;
}

/** Registers the gauges of readiness, databases and disk, which are read for each scrape. */
export function registerHealthGauges(registry: Registry, { isReady, databases, home }: HealthReader): void {
  const registers = [registry];
  new Gauge({
    name: 'panelvec_ready',
    help: '1 while /health/ready responds with 200',
    registers,
    collect() {
      this.set(isReady() ? 1 : 0);
    },
  });
  new Gauge({
    name: 'panelvec_database_up',
    help: '1 while the database of jobs, or of collections, answers; without a series where it is switched off',
    labelNames: ['database'],
    registers,
    async collect() {
      for (const [database, isUp] of Object.entries(await databases())) this.set({ database }, isUp ? 1 : 0);
    },
  });
  new Gauge({
    name: 'panelvec_home_size_bytes',
    help: 'Size of the file system of PANELVEC_HOME; NaN where it cannot be read',
    registers,
    async collect() {
      this.set((await readDisk(home)).size);
    },
  });
  new Gauge({
    name: 'panelvec_home_free_bytes',
    help: 'Bytes that the service may still write to the file system of PANELVEC_HOME; NaN where it cannot be read',
    registers,
    async collect() {
      this.set((await readDisk(home)).free);
    },
  });
}

async function readDisk(folder: string): Promise<{ size: number; free: number }> {
  try {
    const { bsize, blocks, bavail } = await statfs(folder);
    return { size: blocks * bsize, free: bavail * bsize };
  } catch {
    return { size: Number.NaN, free: Number.NaN };
  }
}

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/** The file in the folder of a trained model that says which job trained it, and from what. */
export const ORIGIN_FILE = 'training.json';

/** What trained a model. Fields that its file lacks are null: earlier versions wrote fewer. */
export interface ModelOrigin {
  readonly training_job: string;
  /** The spec of that job */
  readonly spec: Readonly<Record<string, unknown>> | null;
  /** The model that it started from */
  readonly parent: { readonly id: string; readonly space: string } | null;
  /** Of the pages that it was trained on, and the states of their files */
  readonly data_fingerprint: string | null;
}

const originSchema = z.object({
  job_id: z.string(),
  spec: z.record(z.string(), z.unknown()).nullable().default(null),
  parent: z.object({ id: z.string(), space: z.string() }).nullable().default(null),
  data_fingerprint: z.string().nullable().default(null),
});

/** Reads what trained the model in a folder; null where its folder does not say, or says it in another form. */
export async function readOrigin(folder: string): Promise<ModelOrigin | null> {
  const text = await readFile(path.join(folder, ORIGIN_FILE), 'utf8').catch(() => undefined);
  if (text === undefined) return null;
  const parsed = originSchema.safeParse(parseJson(text));
  if (!parsed.success) return null;
  const { job_id: training_job, ...origin } = parsed.data;
  return { training_job, ...origin };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

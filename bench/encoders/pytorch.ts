import { z } from 'zod';
import { firstLine } from '../../src/errors.ts';
import type { Children } from '../children.ts';
import type { Encoder } from './contestants.ts';

const rate = z.number().positive();
const answerSchema = z.object({ siglip: rate, resnet: rate, minilm: rate });

/** Items per second of each encoder, as the command measures them. @throws Error where it prints something else */
export async function runPytorch(children: Children, command: string): Promise<Readonly<Record<Encoder, number>>> {
  const line = await children.runShell(command);
  try {
    return answerSchema.parse(JSON.parse(line));
  } catch (cause) {
    throw new Error(`"${command}" printed "${line}": ${firstLine(cause)}`, { cause });
  }
}

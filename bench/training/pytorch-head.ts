import { z } from 'zod';
import { firstLine } from '../../src/errors.ts';
import type { Children } from '../children.ts';

const answerSchema = z.object({ steps_per_second: z.number().positive(), parameters: z.int().optional() });

/**
 * Steps per second of the same training, as the command measures them.
 * @param parameters of our head: a command may say how many its own has
 * @throws Error where it prints something else, or trains a head of another size
 */
export async function runPytorchHead(children: Children, command: string, parameters: number): Promise<number> {
  const line = await children.runShell(command);
  try {
    const answer = answerSchema.parse(JSON.parse(line));
    const theirs = answer.parameters ?? parameters;
    if (theirs !== parameters) throw new Error(`our head has ${parameters} parameters`);
    return answer.steps_per_second;
  } catch (cause) {
    throw new Error(`"${command}" printed "${line}": ${firstLine(cause)}`, { cause });
  }
}

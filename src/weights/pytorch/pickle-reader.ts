import { WeightsError } from '../weights-error.ts';
import { PickleMachine, type PickleResolvers } from './pickle-machine.ts';
import { OPCODES } from './pickle-opcodes.ts';
import type { PickleValue } from './pickle-values.ts';

const PROTO = 0x80;
const MIN_PROTOCOL = 2;
const MAX_PROTOCOL = 5;
/**
 * Every opcode makes one object at most, so their number bounds the memory. PyTorch writes about thirty opcodes for a
 * tensor with its name: this is room for some 60000 tensors.
 */
const MAX_OPCODES = 2_000_000;

/**
 * Reads one pickle without running anything that it asks for: a machine over a stack and a memo (CPython,
 * Lib/pickletools.py), which reaches outside only by its two resolvers. Every opcode reads its own bytes and pushes one
 * value, there are no jumps and nothing recurses, so time and memory are linear in the pickle.
 * @throws WeightsError where it is truncated, asks for what is not allowed, or is no pickle of protocol 2 to 5
 */
export function readPickle(bytes: Uint8Array, file: string, resolvers: PickleResolvers): PickleValue {
  const machine = new PickleMachine(bytes, file, resolvers);
  const { cursor } = machine;
  if (cursor.readUint8() !== PROTO) throw new WeightsError(`${file}: no pickle of protocol 2 to 5`);
  const protocol = cursor.readUint8();
  if (protocol < MIN_PROTOCOL || protocol > MAX_PROTOCOL) {
    throw new WeightsError(
      `${file}: a pickle of protocol ${protocol}; supported are ${MIN_PROTOCOL} to ${MAX_PROTOCOL}`,
    );
  }
  for (let count = 0; !machine.isStopped; count++) {
    if (count === MAX_OPCODES) throw machine.error(`has more than ${MAX_OPCODES} opcodes`);
    const code = cursor.readUint8();
    const handler = OPCODES.get(code);
    if (handler === undefined) throw machine.error(`uses the opcode 0x${code.toString(16)}, which is not supported`);
    handler(machine);
  }
  const value = machine.pop();
  if (machine.leftoverCount > 0) throw machine.error('leaves values behind');
  if (cursor.remaining > 0) throw machine.error(`is followed by ${cursor.remaining} bytes`);
  return value;
}

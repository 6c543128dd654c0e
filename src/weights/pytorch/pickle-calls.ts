import type { PickleMachine } from './pickle-machine.ts';
import {
  describePickleValue,
  PickleClass,
  PickleDict,
  PickleGlobal,
  PickleObject,
  PickleTuple,
} from './pickle-values.ts';

/**
 * The opcodes by which a pickle reaches beyond plain data. In Python they import and call whatever the file asks for,
 * which is why loading a pickle runs its author's code. Here they only look into the resolvers' allow-list, and only
 * functions of this program are called.
 */
export function pushGlobal(machine: PickleMachine): void {
  const module = machine.cursor.readLine();
  const name = machine.cursor.readLine();
  machine.push(machine.resolvers.resolveGlobal(module, name));
}

export function pushStackGlobal(machine: PickleMachine): void {
  const name = machine.pop();
  const module = machine.pop();
  if (typeof module !== 'string' || typeof name !== 'string') {
    throw machine.error(`asks for a global by ${describePickleValue(module)} and ${describePickleValue(name)}`);
  }
  machine.push(machine.resolvers.resolveGlobal(module, name));
}

/** The opcode REDUCE. */
export function callGlobal(machine: PickleMachine): void {
  const args = machine.pop();
  const callee = machine.pop();
  if (!(callee instanceof PickleGlobal) || callee.call === undefined) {
    throw machine.error(`calls ${describePickleValue(callee)}, which is not allowed`);
  }
  if (!(args instanceof PickleTuple)) throw machine.error(`calls ${callee.name} with ${describePickleValue(args)}`);
  machine.push(callee.call(args.items, (reason) => machine.error(`calls ${callee.name} ${reason}`)));
}

/** The opcode NEWOBJ. Whole modules are written with it too, whose classes are not allowed. */
export function makeObject(machine: PickleMachine): void {
  const args = machine.pop();
  const type = machine.pop();
  if (!(type instanceof PickleClass) || type.call === undefined) {
    throw machine.error(`makes an object of ${describePickleValue(type)}, which is not allowed`);
  }
  if (!(args instanceof PickleTuple)) throw machine.error(`makes ${type.name} with ${describePickleValue(args)}`);
  machine.push(type.call(args.items, (reason) => machine.error(`makes ${type.name} ${reason}`)));
}

/** The opcode BUILD, of which the state is dropped. */
export function discardState(machine: PickleMachine): void {
  machine.pop();
  const target = machine.top();
  const allowed = (target instanceof PickleDict || target instanceof PickleObject) && target.takesState;
  if (!allowed) throw machine.error(`gives a state to ${describePickleValue(target)}, which is not allowed`);
}

export function rejectOpcode(machine: PickleMachine, opcode: string): never {
  throw machine.error(`uses the opcode ${opcode}, which is not allowed`);
}

/** The opcode INST. It carries the name of its class, so a name that is not allowed is reported before the opcode. */
export function rejectInst(machine: PickleMachine): never {
  machine.resolvers.resolveGlobal(machine.cursor.readLine(), machine.cursor.readLine());
  return rejectOpcode(machine, 'INST');
}

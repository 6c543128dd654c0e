import type { PickleMachine } from './pickle-machine.ts';
import { describePickleValue, PickleDict, PickleGlobal, PickleObject, PickleTuple } from './pickle-values.ts';

/**
 * The opcodes by which a pickle reaches beyond plain data. In Python they import and call whatever the file asks for,
 * which is why loading a pickle runs its author's code. Here they look into the resolvers' allow-list only, and what
 * is "called" is a function of this program.
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

/** REDUCE */
export function callGlobal(machine: PickleMachine): void {
  const args = machine.pop();
  const callee = machine.pop();
  if (!(callee instanceof PickleGlobal) || callee.call === undefined) {
    throw machine.error(`calls ${describePickleValue(callee)}, which is not allowed`);
  }
  if (!(args instanceof PickleTuple)) throw machine.error(`calls ${callee.name} with ${describePickleValue(args)}`);
  machine.push(callee.call(args.items, (reason) => machine.error(`calls ${callee.name} ${reason}`)));
}

/** NEWOBJ: none of the classes that are allowed is written with it, and a whole module is. */
export function rejectNewObject(machine: PickleMachine): void {
  machine.pop();
  throw machine.error(`makes an object of ${describePickleValue(machine.pop())}, which is not allowed`);
}

/** BUILD: the state itself is dropped. */
export function discardState(machine: PickleMachine): void {
  machine.pop();
  const target = machine.top();
  const allowed = (target instanceof PickleDict || target instanceof PickleObject) && target.takesState;
  if (!allowed) throw machine.error(`gives a state to ${describePickleValue(target)}, which is not allowed`);
}

export function rejectOpcode(machine: PickleMachine, opcode: string): never {
  throw machine.error(`uses the opcode ${opcode}, which is not allowed`);
}

/** INST names its class in itself, so the message can too where it is not even allowed as a global. */
export function rejectInst(machine: PickleMachine): never {
  machine.resolvers.resolveGlobal(machine.cursor.readLine(), machine.cursor.readLine());
  return rejectOpcode(machine, 'INST');
}

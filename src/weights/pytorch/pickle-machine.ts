import { WeightsError } from '../weights-error.ts';
import { PickleInput } from './pickle-input.ts';
import type { PickleGlobal, PickleValue } from './pickle-values.ts';

/** What the two opcodes that reach outside a pickle give. Both throw WeightsError for what is not allowed. */
export interface PickleResolvers {
  /** GLOBAL, STACK_GLOBAL */
  global(module: string, name: string): PickleGlobal;
  /** BINPERSID */
  persistent(id: PickleValue): PickleValue;
}

/** State of the pickle machine: a stack with marks, and a memo. Values are shared by reference and never walked. */
export class PickleMachine {
  readonly input: PickleInput;
  readonly resolvers: PickleResolvers;
  readonly #stack: PickleValue[] = [];
  /** Heights of the stack; nothing below the last one can be popped. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();
  #stopped = false;

  constructor(bytes: Uint8Array, file: string, resolvers: PickleResolvers) {
    this.input = new PickleInput(bytes, file);
    this.resolvers = resolvers;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  stop(): void {
    this.#stopped = true;
  }

  push(value: PickleValue): void {
    this.#stack.push(value);
  }

  pop(): PickleValue {
    const value = this.top();
    this.#stack.pop();
    return value;
  }

  top(): PickleValue {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw this.error('takes from an empty stack');
    return this.#stack.at(-1)!;
  }

  get atMark(): boolean {
    return this.#marks.at(-1) === this.#stack.length;
  }

  mark(): void {
    this.#marks.push(this.#stack.length);
  }

  /** Everything above the last mark, oldest first. */
  popToMark(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.error('misses a mark');
    return this.#stack.splice(mark);
  }

  remember(index: number): void {
    this.#memo.set(index, this.top());
  }

  rememberNext(): void {
    this.remember(this.#memo.size);
  }

  recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.error(`recalls ${index}, which it never put away`);
    this.push(value);
  }

  get leftOver(): number {
    return this.#stack.length + this.#marks.length;
  }

  error(reason: string): WeightsError {
    return new WeightsError(`${this.input.file}: the pickle ${reason} (before byte ${this.input.position})`);
  }
}

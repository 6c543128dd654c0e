import { WeightsError } from '../weights-error.ts';
import { PickleCursor } from './pickle-cursor.ts';
import type { PickleGlobal, PickleValue } from './pickle-values.ts';

/** Resolves the two kinds of references that lead out of a pickle. Both methods throw WeightsError for what is not allowed. */
export interface PickleResolvers {
  /** For the opcodes GLOBAL and STACK_GLOBAL */
  resolveGlobal(module: string, name: string): PickleGlobal;
  /** For the opcode BINPERSID */
  resolvePersistentId(id: PickleValue): PickleValue;
}

/** The state of a pickle machine: a stack with marks, and a memo. Values are shared by reference and never traversed. */
export class PickleMachine {
  readonly cursor: PickleCursor;
  readonly resolvers: PickleResolvers;
  readonly #stack: PickleValue[] = [];
  /** Heights of the stack. Nothing below the last one can be popped. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();
  #stopped = false;

  constructor(bytes: Uint8Array, file: string, resolvers: PickleResolvers) {
    this.cursor = new PickleCursor(bytes, file);
    this.resolvers = resolvers;
  }

  get isStopped(): boolean {
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
    const value = this.#stack.at(-1);
    if (value === undefined || this.#stack.length <= (this.#marks.at(-1) ?? 0))
      throw this.error('takes from an empty stack');
    return value;
  }

  get isAtMark(): boolean {
    return this.#marks.at(-1) === this.#stack.length;
  }

  pushMark(): void {
    this.#marks.push(this.#stack.length);
  }

  /** Pops everything above the last mark, oldest first. */
  popToMark(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.error('lacks a mark');
    return this.#stack.splice(mark);
  }

  memoize(index: number): void {
    this.#memo.set(index, this.top());
  }

  memoizeNext(): void {
    this.memoize(this.#memo.size);
  }

  pushMemoized(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.error(`reads memo entry ${index}, which it never set`);
    this.push(value);
  }

  get leftoverCount(): number {
    return this.#stack.length + this.#marks.length;
  }

  error(reason: string): WeightsError {
    return new WeightsError(`${this.cursor.file}: the pickle ${reason} (before byte ${this.cursor.position})`);
  }
}

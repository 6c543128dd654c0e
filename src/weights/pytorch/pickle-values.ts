import type { WeightsError } from '../weights-error.ts';

/**
 * A value of a pickle after it is read. Integers are numbers where these are exact, else bigints. Containers are
 * classes and not plain arrays and objects: a tuple differs from a list, and no key can reach a prototype.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleTuple
  | PickleList
  | PickleDict
  | PickleObject;

export class PickleTuple {
  readonly items: readonly PickleValue[];

  constructor(items: readonly PickleValue[]) {
    this.items = items;
  }
}

export class PickleList {
  readonly items: PickleValue[] = [];
}

/** A dict or an OrderedDict, in order of insertion. Only the latter may be given a state (BUILD), which is dropped. */
export class PickleDict {
  readonly takesState: boolean;
  readonly #entries = new Map<PickleValue, PickleValue>();
  #repeated: PickleValue | undefined;

  constructor({ takesState = false } = {}) {
    this.takesState = takesState;
  }

  get entries(): ReadonlyMap<PickleValue, PickleValue> {
    return this.#entries;
  }

  /** A key that was set twice, if any. No dict that Python writes has one. */
  get repeatedKey(): PickleValue | undefined {
    return this.#repeated;
  }

  set(key: PickleValue, value: PickleValue): void {
    if (this.#entries.has(key)) this.#repeated = key;
    this.#entries.set(key, value);
  }
}

/** Any other object: a placeholder that holds nothing. `description` names it in messages. */
export class PickleObject {
  readonly description: string;
  readonly takesState: boolean;

  constructor(description: string, { takesState = false } = {}) {
    this.description = description;
    this.takesState = takesState;
  }
}

/** A tensor of a kind that is not read, such as a sparse one. */
export class PickleUnreadableTensor extends PickleObject {}

/** A set whose elements are not kept. */
export class PickleSet extends PickleObject {
  constructor() {
    super('a set');
  }
}

/** A function of this program in the place of a Python function. Its time must not grow with its arguments. */
export type PickleCall = (args: readonly PickleValue[], fail: (reason: string) => WeightsError) => PickleValue;

/** An object that a pickle asks for by module and name. */
export class PickleGlobal extends PickleObject {
  readonly name: string;
  readonly call: PickleCall | undefined;

  constructor(name: string, call?: PickleCall) {
    super(name);
    this.name = name;
    this.call = call;
  }
}

/** A class of which a pickle may make an object without calling it (NEWOBJ). */
export class PickleClass extends PickleGlobal {}

/** The kind of a value, for messages. */
export function describePickleValue(value: PickleValue): string {
  if (value === null) return 'None';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof PickleTuple) return 'a tuple';
  if (value instanceof PickleList) return 'a list';
  if (value instanceof PickleDict) return 'a dict';
  if (value instanceof PickleObject) return value.description;
  return typeof value === 'bigint' ? 'a number' : `a ${typeof value}`;
}

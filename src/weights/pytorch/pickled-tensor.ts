import type { ElementType } from './element-type.ts';
import {
  type PickleCall,
  PickleDict,
  PickleGlobal,
  PickleObject,
  PickleTuple,
  type PickleValue,
} from './pickle-values.ts';

/** Bounds the work of one call. No layer has as many axes. */
const MAX_RANK = 64;

/** A storage class such as torch.FloatStorage, as persistent ids name it. */
export class StorageClass extends PickleGlobal {
  readonly element: ElementType;

  constructor(name: string, element: ElementType) {
    super(name);
    this.element = element;
  }
}

/** A dtype such as torch.float32. */
export class DtypeGlobal extends PickleGlobal {
  readonly element: ElementType;

  constructor(element: ElementType) {
    super(`torch.${element.name}`);
    this.element = element;
  }
}

/** The elements in the archive's record `data/<key>`, which is not read until a tensor of the state dict needs it. */
export class PickledStorage extends PickleObject {
  readonly key: string;
  readonly element: ElementType;
  readonly numElements: number;

  constructor(key: string, element: ElementType, numElements: number) {
    super('a storage');
    this.key = key;
    this.element = element;
    this.numElements = numElements;
  }
}

/** A strided view of a storage. Offset and strides count elements, and nothing here is checked against the storage. */
export class PickledTensor extends PickleObject {
  readonly storage: PickledStorage;
  readonly element: ElementType;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  constructor(fields: Pick<PickledTensor, 'storage' | 'element' | 'offset' | 'shape' | 'strides'>) {
    super('a tensor');
    this.storage = fields.storage;
    this.element = fields.element;
    this.offset = fields.offset;
    this.shape = fields.shape;
    this.strides = fields.strides;
  }
}

/** The functions torch._utils._rebuild_tensor and, with requires_grad, hooks and metadata after the strides, _rebuild_tensor_v2. */
export const rebuildTensor: PickleCall = (args, fail) => {
  const [storage, offset, shape, strides] = args;
  const metadata = args[6] ?? null;
  if (!(storage instanceof PickledStorage)) throw fail('without a storage');
  return buildTensor({ storage, element: storage.element, offset, shape, strides, metadata }, fail);
};

/** The function torch._utils._rebuild_tensor_v3, for types without a storage class: the storage is bytes, the dtype comes last. */
export const rebuildTensorV3: PickleCall = (args, fail) => {
  const [storage, offset, shape, strides, , , dtype, metadata = null] = args;
  if (!(storage instanceof PickledStorage)) throw fail('without a storage');
  if (!(dtype instanceof DtypeGlobal)) throw fail('without a dtype');
  return buildTensor({ storage, element: dtype.element, offset, shape, strides, metadata }, fail);
};

/** The function torch._utils._rebuild_parameter: a parameter is its tensor. */
export const rebuildParameter: PickleCall = ([data], fail) => {
  if (data instanceof PickledTensor) return data;
  throw fail('without a tensor');
};

interface RawTensor {
  readonly storage: PickledStorage;
  readonly element: ElementType;
  readonly offset: PickleValue | undefined;
  readonly shape: PickleValue | undefined;
  readonly strides: PickleValue | undefined;
  readonly metadata: PickleValue;
}

function buildTensor(raw: RawTensor, fail: Parameters<PickleCall>[1]): PickledTensor {
  const { storage, element, offset, metadata } = raw;
  const shape = toIntegers(raw.shape);
  const strides = toIntegers(raw.strides);
  if (!isInteger(offset)) throw fail('without an offset');
  if (shape === undefined || strides?.length !== shape.length) throw fail('without a shape and as many strides');
  // Metadata marks lazily conjugated or negated tensors, whose storage does not hold their values.
  if (metadata !== null && !(metadata instanceof PickleDict && metadata.entries.size === 0)) {
    throw fail('with metadata, which is not supported');
  }
  return new PickledTensor({ storage, element, offset, shape, strides });
}

function toIntegers(value: PickleValue | undefined): readonly number[] | undefined {
  if (!(value instanceof PickleTuple) || value.items.length > MAX_RANK) return undefined;
  return value.items.every(isInteger) ? value.items : undefined;
}

/** False for integers past 2^53 too. */
function isInteger(value: PickleValue | undefined): value is number {
  return Number.isSafeInteger(value);
}

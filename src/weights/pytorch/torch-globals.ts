import { ELEMENT_TYPES, UINT8 } from './element-type.ts';
import {
  type PickleCall,
  PickleClass,
  PickleDict,
  PickleGlobal,
  PickleObject,
  PickleSet,
  PickleTuple,
  PickleUnreadableTensor,
} from './pickle-values.ts';
import { DtypeGlobal, rebuildParameter, rebuildTensor, rebuildTensorV3, StorageClass } from './pickled-tensor.ts';

const orderedDict: PickleCall = (args, fail) => {
  if (args.length > 0) throw fail('with arguments');
  return new PickleDict({ takesState: true });
};

const buildSize: PickleCall = ([sizes], fail) => {
  if (sizes instanceof PickleTuple) return sizes;
  throw fail('without a tuple');
};

/** Makes a placeholder for an object that training states hold and weights do not. Only its description is kept. */
const placeholder =
  (description: string, options?: { takesState: boolean }): PickleCall =>
  () =>
    new PickleObject(description, options);

const unreadableTensor =
  (description: string): PickleCall =>
  () =>
    new PickleUnreadableTensor(description);

const CALLS: Readonly<Record<string, PickleCall>> = {
  'collections.OrderedDict': orderedDict,
  'torch._utils._rebuild_tensor': rebuildTensor,
  'torch._utils._rebuild_tensor_v2': rebuildTensor,
  'torch._utils._rebuild_tensor_v3': rebuildTensorV3,
  'torch._utils._rebuild_parameter': rebuildParameter,
  'torch._utils._rebuild_parameter_with_state': rebuildParameter,
  'torch._utils._rebuild_sparse_tensor': unreadableTensor('a sparse tensor'),
  'torch._utils._rebuild_sparse_csr_tensor': unreadableTensor('a sparse tensor'),
  'torch._utils._rebuild_qtensor': unreadableTensor('a quantized tensor'),
  'torch._utils._rebuild_nested_tensor': unreadableTensor('a nested tensor'),
  'torch._utils._rebuild_meta_tensor_no_storage': unreadableTensor('a tensor without data (meta device)'),
  'torch.Size': buildSize,
  'torch.device': placeholder('a device'),
  'torch.serialization._get_layout': placeholder('a layout'),
  // Under Python 3 protocol 2 writes bytes as a call that encodes text. The bytes are not made: many calls
  // could share one long text.
  '_codecs.encode': placeholder('bytes'),
  '__builtin__.set': () => new PickleSet(),
  'builtins.set': () => new PickleSet(),
  '__builtin__.frozenset': () => new PickleSet(),
  'builtins.frozenset': () => new PickleSet(),
  '__builtin__.complex': placeholder('a complex number'),
  'builtins.complex': placeholder('a complex number'),
  'numpy.dtype': placeholder('a numpy dtype', { takesState: true }),
  'numpy.core.multiarray.scalar': placeholder('a numpy scalar'),
  'numpy._core.multiarray.scalar': placeholder('a numpy scalar'),
  'numpy.core.multiarray._reconstruct': placeholder('a numpy array', { takesState: true }),
  'numpy._core.multiarray._reconstruct': placeholder('a numpy array', { takesState: true }),
};

/** Classes of plain data that training scripts save beside the weights: options, paths, dates. */
const CLASSES: Readonly<Record<string, PickleCall>> = {
  'argparse.Namespace': placeholder('a namespace of options', { takesState: true }),
  'pathlib.PosixPath': placeholder('a path'),
  'pathlib.PurePosixPath': placeholder('a path'),
  'pathlib.WindowsPath': placeholder('a path'),
  'pathlib.PureWindowsPath': placeholder('a path'),
  'pathlib._local.PosixPath': placeholder('a path'),
  'pathlib._local.WindowsPath': placeholder('a path'),
  'datetime.datetime': placeholder('a date'),
  'datetime.date': placeholder('a date'),
  'datetime.timedelta': placeholder('a duration'),
  'collections.defaultdict': () => new PickleDict(),
  'collections.Counter': () => new PickleDict(),
};

/** Names that are passed as arguments and never called. */
const CONSTANT_NAMES = [
  // Factories of a defaultdict
  'builtins.list',
  'builtins.dict',
  'builtins.int',
  'builtins.float',
  '__builtin__.list',
  '__builtin__.dict',
  '__builtin__.int',
  '__builtin__.float',
  'numpy.ndarray',
  'torch.per_tensor_affine',
  'torch.per_channel_affine',
  'torch.per_tensor_symmetric',
  'torch.per_channel_symmetric',
  'torch.per_channel_affine_float_qparams',
];

const UNTYPED_STORAGES = ['torch.UntypedStorage', 'torch.storage.UntypedStorage', 'torch.storage._UntypedStorage'];

/**
 * Everything that a checkpoint may ask for, by its full name: functions and types of this program. A name that is not here
 * is refused, wherever in the file it occurs.
 */
export const TORCH_GLOBALS: ReadonlyMap<string, PickleGlobal> = new Map(
  [
    ...Object.entries(CALLS).map(([name, call]) => new PickleGlobal(name, call)),
    ...Object.entries(CLASSES).map(([name, call]) => new PickleClass(name, call)),
    ...CONSTANT_NAMES.map((name) => new PickleGlobal(name)),
    ...UNTYPED_STORAGES.map((name) => new StorageClass(name, UINT8)),
    ...ELEMENT_TYPES.map((element) => new DtypeGlobal(element)),
    ...ELEMENT_TYPES.flatMap((element) =>
      element.storageName === undefined ? [] : [new StorageClass(`torch.${element.storageName}`, element)],
    ),
  ].map((global) => [global.name, global]),
);

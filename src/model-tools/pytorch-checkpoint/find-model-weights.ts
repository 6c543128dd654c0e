import { findClosestKey } from '../../weights/closest-key.ts';
import { escapeControlCharacters, WeightsError } from '../../weights/weights-error.ts';
import type { WeightsFile } from '../../weights/weights-file.ts';

/** Keys that every Stage 3 model has. What stands before them in a checkpoint is the prefix of the whole model. */
const ANCHORS = [
  'text.proj.weight',
  'fusion.gate.0.weight',
  'comp.mlp.0.weight',
  'text.encoder.embeddings.word_embeddings.weight',
];
/** The parts that all keys of a model begin with. */
const PART = /^(vision|text|comp|fusion)\./;
/**
 * Names of modules that wrap another: DataParallel and averaged models, torch.compile, FSDP, activation checkpoints. They may
 * wrap the whole model or any part of it. No part of a model has one of these names.
 */
const WRAPPER = /(^|\.)(?:(?:module|_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\.)+/g;
/** Prefixes of the weights that are trained, as against averages of them. */
const PLAIN_PREFIX = /^((model_state_dict|state_dict|model|net|network|module|_orig_mod|_fsdp_wrapped_module)\.)*$/;

/** How `save_pretrained` names the shards of a model. */
const SHARD_NAME = /-\d{5}-of-\d{5}\.\w+$/;

const MAX_LISTED_KEYS = 5;

export interface ModelWeights {
  /** Keys in the file by the keys of the model */
  readonly keys: ReadonlyMap<string, string>;
  /** What was read in another way than it is written, for people */
  readonly notes: readonly string[];
}

/**
 * Finds the weights of a Stage 3 model in a checkpoint: what lies below one prefix, be it names of dicts or of modules around
 * the model. Names of wrappers are left out of the keys.
 * @param prefix the prefix to take, where a checkpoint holds several models
 * @throws WeightsError that lists what was found, where no prefix has a model, or several have
 */
export function findModelWeights(weights: WeightsFile, prefix: string | undefined): ModelWeights {
  const chosen = choosePrefix(weights, prefix === undefined || prefix.endsWith('.') ? prefix : `${prefix}.`);
  const { file, tensors, others } = weights;
  const modelDicts = new Set(tensors.filter(({ key }) => isAnchor(key, chosen)).map(({ dict }) => dict));
  const keys = new Map<string, string>();
  const ignored: string[] = [...others];
  for (const { key, dict } of tensors) {
    const name = key.startsWith(chosen) ? unwrap(key.slice(chosen.length)) : undefined;
    // A key of no part is an error of the model, unless it is in a dict of its own, such as that of an optimizer.
    if (name === undefined || !(modelDicts.has(dict) || PART.test(name))) {
      ignored.push(key);
      continue;
    }
    const other = keys.get(name);
    if (other !== undefined) {
      throw new WeightsError(
        `${file}: "${escapeControlCharacters(other)}" and "${escapeControlCharacters(key)}" are one weight`,
      );
    }
    keys.set(name, key);
  }
  return { keys, notes: describeChoice(chosen, ignored) };
}

function choosePrefix({ file, tensors }: WeightsFile, wanted: string | undefined): string {
  const keys = tensors.map(({ key }) => key);
  const counts = countAnchors(keys);
  const maxCount = [...counts.values()].reduce((max, count) => Math.max(max, count), 0);
  const candidates = [...counts].filter(([, count]) => count === maxCount).map(([prefix]) => prefix);
  if (wanted !== undefined && counts.has(wanted)) return wanted;
  const listed = candidates.map((candidate) => `"${escapeControlCharacters(candidate)}"`).join(', ');
  if (wanted !== undefined) {
    throw new WeightsError(
      `${file}: no Stage 3 model below the prefix "${escapeControlCharacters(wanted)}"${listed && `: there is one below ${listed}`}`,
    );
  }
  const plain = candidates.filter((candidate) => PLAIN_PREFIX.test(candidate));
  const [prefix, second] = plain.length > 0 ? plain : candidates;
  if (prefix === undefined || maxCount < ANCHORS.length) throw noModelError(file, keys, prefix ?? '');
  if (second === undefined) return prefix;
  throw new WeightsError(`${file} holds ${candidates.length} models, below ${listed}: choose one with --prefix`);
}

/** Counts for each prefix the anchors that follow it. */
function countAnchors(keys: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) {
    const prefix = prefixBeforeAnchor(key);
    if (prefix !== undefined) counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
  }
  return counts;
}

function prefixBeforeAnchor(key: string): string | undefined {
  const name = unwrap(key);
  const anchor = ANCHORS.find((candidate) => name === candidate || name.endsWith(`.${candidate}`));
  if (anchor === undefined) return undefined;
  const [part = ''] = anchor.split('.', 1);
  // The wrappers before the part belong to the prefix, those within it do not.
  return key.slice(0, key.lastIndexOf(`${part}.`));
}

function isAnchor(key: string, prefix: string): boolean {
  return prefixBeforeAnchor(key) === prefix;
}

function unwrap(key: string): string {
  return key.replaceAll(WRAPPER, '$1');
}

function noModelError(file: string, keys: readonly string[], prefix: string): WeightsError {
  const names = keys.map((key) => unwrap(key.startsWith(prefix) ? key.slice(prefix.length) : key));
  const missing = ANCHORS.filter((anchor) => !names.includes(anchor)).map((anchor) => {
    const closest = findClosestKey(anchor, names);
    return closest === undefined ? anchor : `${anchor} (closest: ${escapeControlCharacters(closest)})`;
  });
  const found = keys.length === 0 ? '' : ` (${listFirst(keys)})`;
  const hint = SHARD_NAME.test(file) ? '; it is one shard of several: import the folder, or its .index.json' : '';
  return new WeightsError(
    `${file} holds no whole Stage 3 model: missing ${missing.join(', ')}; found ${keys.length} tensors${found}${hint}`,
  );
}

function describeChoice(prefix: string, ignored: readonly string[]): string[] {
  const notes = prefix === '' ? [] : [`the weights are those below "${escapeControlCharacters(prefix)}"`];
  // A whole dict beside the model, such as that of an optimizer, is one name.
  const names = [...new Set(ignored.map((key) => firstSegmentBeside(prefix, key)))];
  return names.length === 0 ? notes : [...notes, `left out, as no weights of the model: ${listFirst(names)}`];
}

/** The key up to the first name that the prefix does not have. */
function firstSegmentBeside(prefix: string, key: string): string {
  const own = prefix.split('.');
  const segments = key.split('.');
  const index = segments.findIndex((segment, i) => segment !== own[i]);
  return segments.slice(0, index + 1).join('.');
}

function listFirst(names: readonly string[]): string {
  const rest = names.length - MAX_LISTED_KEYS;
  const listed = names.slice(0, MAX_LISTED_KEYS).map(escapeControlCharacters).join(', ');
  return rest > 0 ? `${listed} and ${rest} more` : listed;
}

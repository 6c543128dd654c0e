import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { firstLine } from '../errors.ts';
import { describeForeignFile } from '../files/foreign-content.ts';
import { isObject } from '../util/json.ts';
import { decodeText } from '../util/strict-text.ts';
import { spaceFingerprint } from './fingerprint.ts';
import type { HeadSpec } from './head-spec.ts';
import { ModelError } from './model-error.ts';
import { type ModelDefinition, type ModelSpec, modelSpecSchema, requiredFiles } from './model-spec.ts';

/** A model folder with its validated model.json. Plain data, because it is sent to engine processes. */
export interface Model {
  /** `name@version` */
  readonly id: string;
  readonly folder: string;
  readonly spec: ModelSpec;
  readonly space: string;
  /** Unix time in seconds of its model.json */
  readonly created: number;
}

/** Reads and validates model.json. @throws ModelError naming the field, or the file that is not listed */
export async function readModel(folder: string): Promise<Model> {
  const file = path.join(folder, 'model.json');
  const spec = parseSpec(await readJson(file), file);
  for (const name of requiredFiles(spec)) {
    if (spec.files[name] === undefined) throw new ModelError(`${file}: files: "${name}" is not listed`);
  }
  const isSingle = spec.vision.backbones.length === 1;
  if (isSingle !== (spec.head.visual_fusion === 'single')) {
    throw new ModelError(
      `${file}: head.visual_fusion: "${spec.head.visual_fusion}" does not go with ${spec.vision.backbones.length} backbone(s)`,
    );
  }
  assertZeroShotText(spec, file);
  const created = Math.floor((await stat(file)).mtimeMs / 1000);
  return { id: `${spec.name}@${spec.version}`, folder, spec, space: spaceFingerprint(spec), created };
}

/**
 * Reads a model.json that somebody wrote by hand: without sizes and hashes of files, and without known vectors.
 * @throws ModelError naming the field
 */
export async function readModelDefinition(folder: string): Promise<ModelDefinition> {
  const file = path.join(folder, 'model.json');
  const json = await readJson(file);
  const { files, golden, ...definition } = parseSpec(isObject(json) ? { ...json, files: {} } : json, file);
  return definition;
}

/** @throws ModelError naming the field */
function assertZeroShotText({ vision, zero_shot: zeroShot }: ModelSpec, file: string): void {
  const text = zeroShot?.text;
  if (text === undefined) return;
  const backbone = vision.backbones.find(({ name }) => name === text.backbone);
  if (backbone === undefined) {
    throw new ModelError(`${file}: zero_shot.text.backbone: there is no backbone "${text.backbone}"`);
  }
  if (backbone.features === text.features) return;
  const problem = `${text.features} numbers do not compare with the ${backbone.features} of "${backbone.name}"`;
  throw new ModelError(`${file}: zero_shot.text.features: ${problem}`);
}

/** Compares size and hash of every listed file. @throws ModelError naming the first that differs */
export async function verifyFiles(model: Model): Promise<void> {
  for (const [name, { bytes, sha256 }] of Object.entries(model.spec.files)) {
    const file = modelFilePath(model, name);
    const { size } = await stat(file).catch((cause: unknown) => {
      throw new ModelError(`${file} is missing`, { cause });
    });
    if (size !== bytes) {
      const foreign = await describeForeignFile(file);
      throw new ModelError(foreign ?? `${file} has ${size} bytes, model.json says ${bytes}`);
    }
    const actual = await hashFile(file);
    if (actual !== sha256) throw new ModelError(`${file} has the SHA-256 ${actual}, model.json says ${sha256}`);
  }
}

export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

export function modelFilePath(model: Model, name: string): string {
  return path.join(model.folder, name);
}

export function toHeadSpec({
  dimensions,
  vision,
  text,
  head,
}: Pick<ModelDefinition, 'dimensions' | 'vision' | 'text' | 'head'>): HeadSpec {
  return {
    dimensions,
    backbones: vision.backbones.map(({ name, features }) => ({ name, features })),
    textFeatures: text.features,
    visualFusion: head.visual_fusion,
    modalityIndicators: head.modality_indicators,
    fusionMode: head.fusion_mode,
    visionTransform: head.vision_transform,
    textTransform: head.text_transform,
  };
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(decodeText(await readFile(file)));
  } catch (cause) {
    const foreign = await describeForeignFile(file);
    throw new ModelError(foreign ?? `cannot read ${file}: ${firstLine(cause)}`, { cause });
  }
}

function parseSpec(json: unknown, file: string): ModelSpec {
  const parsed = modelSpecSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const { path: fieldPath = [], message } = parsed.error.issues[0] ?? {};
  throw new ModelError(`${file}: ${fieldPath.join('.') || 'the whole file'}: ${message}`);
}

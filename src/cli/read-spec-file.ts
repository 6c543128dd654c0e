import { readFile } from 'node:fs/promises';
import { firstLine, PanelvecError } from '../errors.ts';
import { isObject, type JsonObject } from '../util/json.ts';
import { parseJson } from '../util/parse-json.ts';
import { decodeText } from '../util/strict-text.ts';

/** Reads the file of a job's spec, which the service or a schema checks. @throws PanelvecError naming the file */
export async function readSpecFile(file: string): Promise<JsonObject> {
  const spec = await readJson(file);
  if (isObject(spec) && 'dataset' in spec) return spec;
  throw new PanelvecError('invalid_request', `${file} is not the spec of a job: it has no field "dataset"`);
}

async function readJson(file: string): Promise<unknown> {
  try {
    return parseJson(decodeText(await readFile(file))).value;
  } catch (cause) {
    throw new PanelvecError('invalid_request', `cannot read ${file}: ${firstLine(cause)}`, { cause });
  }
}

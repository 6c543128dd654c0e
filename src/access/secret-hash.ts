import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const scryptAsync = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** 32 MiB and about a tenth of a second of one core (0028-keys.md). Hashes say theirs, so these can change. */
const PARAMETERS = { cost: 2 ** 15, blockSize: 8, parallelization: 1 } as const;
const FORMAT = /^scrypt\$(\d+)\$(\d+)\$(\d+)\$([\w-]+)\$([\w-]+)$/;

/** Hashes a secret with a salt of its own: `scrypt$cost$block size$parallelization$salt$hash`. */
export async function hashSecret(secret: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await runScrypt(secret, salt, HASH_BYTES, PARAMETERS);
  const { cost, blockSize, parallelization } = PARAMETERS;
  return ['scrypt', cost, blockSize, parallelization, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/** @throws Error where the hash has another format */
export async function isSecretOf(secret: string, secretHash: string): Promise<boolean> {
  const [, cost, blockSize, parallelization, salt = '', hash = ''] = FORMAT.exec(secretHash) ?? [];
  if (cost === undefined) throw new Error('the hash of a key has an unknown format');
  const expected = Buffer.from(hash, 'base64url');
  const parameters = {
    cost: Number(cost),
    blockSize: Number(blockSize),
    parallelization: Number(parallelization),
  };
  const actual = await runScrypt(secret, Buffer.from(salt, 'base64url'), expected.byteLength, parameters);
  return timingSafeEqual(actual, expected);
}

function runScrypt(
  secret: string,
  salt: Buffer,
  bytes: number,
  parameters: { cost: number; blockSize: number; parallelization: number },
): Promise<Buffer> {
  // Node refuses more than 32 MiB unless it is told the bound; scrypt needs a little more than 128 * cost * blockSize.
  const maxmem = 256 * parameters.cost * parameters.blockSize;
  return scryptAsync(secret, salt, bytes, { ...parameters, maxmem });
}

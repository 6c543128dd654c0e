import type { FuzzRandom } from './fuzz-random.ts';
import { mutateBytes } from './mutate-bytes.ts';

/** A part of a multipart form. */
export interface FormPart {
  readonly name: string;
  readonly fileName?: string;
  readonly type?: string;
  readonly bytes: Buffer;
}

const BOUNDARY = 'fuzz-boundary';
const NAMES = [
  '',
  '__proto__',
  'request',
  'image',
  'a"b',
  'naïve',
  '\u0001',
  'x'.repeat(300),
  'x'.repeat(20_000),
  'options[model]',
];
const PART_HEADERS = [
  'content-transfer-encoding: base64',
  'content-transfer-encoding: quoted-printable',
  'content-type: text/plain; charset=utf-7',
  'content-type: text/plain; charset=shift_jis',
  'content-type: multipart/mixed; boundary=inner',
  'content-type: ',
  'content-disposition: form-data; name="second"',
  'content-disposition: attachment',
  `x-long: ${'y'.repeat(20_000)}`,
  'no colon',
  ': no name',
  'content-encoding: gzip',
];

interface EncodedForm {
  readonly type: string;
  readonly bytes: Buffer;
}

export function encodeForm(parts: readonly FormPart[]): EncodedForm {
  const encoded = parts.map((part) => encodePart(part));
  return { type: `multipart/form-data; boundary=${BOUNDARY}`, bytes: joinParts(encoded) };
}

/** Encodes a form that is damaged in one way. */
export function mutateForm(parts: readonly FormPart[], random: FuzzRandom): EncodedForm & { readonly note: string } {
  const [note, mutate] = random.pick(Object.entries(MUTATIONS));
  return { type: `multipart/form-data; boundary=${BOUNDARY}`, ...mutate(parts, random), note: `form: ${note}` };
}

const MUTATIONS: Readonly<
  Record<string, (parts: readonly FormPart[], random: FuzzRandom) => { bytes: Buffer; type?: string }>
> = {
  'no end': (parts) => ({
    bytes: joinParts(
      parts.map((part) => encodePart(part)),
      { end: '' },
    ),
  }),
  'end in the middle': (parts, random) => {
    const { bytes } = encodeForm(parts);
    return { bytes: bytes.subarray(0, random.integer(0, bytes.length)) };
  },
  'part twice': (parts, random) => ({ bytes: encodeForm([...parts, random.pick(parts)]).bytes }),
  'part left out': (parts, random) => {
    const left = random.pick(parts);
    return { bytes: encodeForm(parts.filter((part) => part !== left)).bytes };
  },
  'parts in another order': (parts) => ({ bytes: encodeForm(parts.toReversed()).bytes }),
  'many parts': (parts, random) => {
    const part = random.chance(0.5) ? random.pick(parts) : { name: 'model', bytes: Buffer.from('compact') };
    return { bytes: encodeForm([...parts, ...Array(random.pick([65, 300, 5000])).fill(part)]).bytes };
  },
  'other name': (parts, random) => ({
    bytes: change(parts, random, (part) => ({ ...part, name: random.pick(NAMES) })),
  }),
  'other file name': (parts, random) => ({
    bytes: change(parts, random, (part) => ({
      ...part,
      fileName: random.pick([...NAMES, '../../x', 'a\\b', 'x\0.png']),
    })),
  }),
  'no file name': (parts, random) => ({ bytes: change(parts, random, ({ name, bytes }) => ({ name, bytes })) }),
  'other type': (parts, random) => ({
    bytes: change(parts, random, (part) => ({
      ...part,
      type: random.pick(['', ';', 'text/plain', 'image/gif', 'application/json; charset=utf-16', 'x'.repeat(5000)]),
    })),
  }),
  'odd header of a part': (parts, random) => ({
    bytes: joinParts(parts.map((part) => encodePart(part, random.chance(0.6) ? [random.pick(PART_HEADERS)] : []))),
  }),
  'headers of parts without names': (parts, random) => ({
    bytes: joinParts(
      parts.map(({ bytes }) =>
        Buffer.concat([Buffer.from(random.pick(['\r\n', '', 'content-disposition: form-data\r\n\r\n'])), bytes]),
      ),
    ),
  }),
  'line feeds alone': (parts) => ({
    bytes: Buffer.from(encodeForm(parts).bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1'),
  }),
  'text before and after': (parts, random) => ({
    bytes: Buffer.concat([
      random.bytes(random.length(5000)),
      encodeForm(parts).bytes,
      random.bytes(random.length(5000)),
    ]),
  }),
  'form in a form': (parts) => ({
    bytes: encodeForm([
      ...parts,
      { name: 'inner', type: `multipart/mixed; boundary=${BOUNDARY}`, bytes: encodeForm(parts).bytes },
    ]).bytes,
  }),
  'damaged bytes': (parts, random) => ({ bytes: mutateBytes(encodeForm(parts).bytes, random).bytes }),
  'damaged value': (parts, random) => ({
    bytes: change(parts, random, (part) => ({ ...part, bytes: mutateBytes(part.bytes, random).bytes })),
  }),
  'boundary in a value': (parts, random) => ({
    bytes: change(parts, random, (part) => ({
      ...part,
      bytes: Buffer.concat([Buffer.from(`\r\n--${BOUNDARY}${random.pick(['', '-', '--', ' ', '\r\n'])}`), part.bytes]),
    })),
  }),
  'other boundary': (parts, random) => ({
    bytes: encodeForm(parts).bytes,
    type: `multipart/form-data${random.pick([
      '',
      ';',
      '; boundary',
      '; boundary=',
      '; boundary=""',
      '; boundary=other',
      `; boundary=${'b'.repeat(3000)}`,
      '; boundary="fuzz-boundary',
      '; boundary=fuzz-boundary; boundary=other',
      '; boundary=fuzz-\u00e9',
      '; charset=utf-16; boundary=fuzz-boundary',
    ])}`,
  }),
};

function change(parts: readonly FormPart[], random: FuzzRandom, edit: (part: FormPart) => FormPart): Buffer {
  const changed = random.pick(parts);
  return encodeForm(parts.map((part) => (part === changed ? edit(part) : part))).bytes;
}

function encodePart({ name, fileName, type, bytes }: FormPart, headers: readonly string[] = []): Buffer {
  const file = fileName === undefined ? '' : `; filename="${fileName}"`;
  const lines = [
    `content-disposition: form-data; name="${name}"${file}`,
    ...(type === undefined ? [] : [`content-type: ${type}`]),
    ...headers,
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), bytes]);
}

function joinParts(parts: readonly Buffer[], { end = `--${BOUNDARY}--\r\n` } = {}): Buffer {
  return Buffer.concat([
    ...parts.flatMap((part) => [Buffer.from(`--${BOUNDARY}\r\n`), part, Buffer.from('\r\n')]),
    Buffer.from(end),
  ]);
}

import { drawPictures } from './draw-scene.ts';

/** What the one panel of a request consists of: a picture, a text, or both with composition numbers. */
export const PANEL_KINDS = ['image', 'multimodal', 'text'] as const;
export type PanelKind = (typeof PANEL_KINDS)[number];

/** Description and lettering as a page has them, over 32 and under 64 tokens long. */
export const PANEL_TEXT =
  'Two travellers stand on a hill above the town at sunset and argue over the way. ' +
  'We should have taken the road by the river! It is late.';

/** Aspect ratio, area, position, two shot numbers that are not measured, centre */
export const PANEL_COMPOSITION: readonly number[] = [1.333, 0.21, 0.2, 0, 0, 0.31, 0.42];

const PICTURES = 200;
const PICTURES_SEED = 11;
/** A word of each text that the number of the request takes the place of */
const SERIAL_WORD = '00000000';
const NUMBERED_TEXT = `${PANEL_TEXT} ${SERIAL_WORD}`;
/** Before the table of the quantisation of brightness: marker, length, precision and number */
const QUANTISATION_HEADER = Buffer.from([0xff, 0xdb, 0, 67, 0]);
/** So many of the lowest frequencies of a picture are changed, each by less than CHANGES. */
const CHANGED_FREQUENCIES = 6;
const CHANGES = 5;

export interface PanelRequest {
  readonly path: string;
  readonly type: string;
  readonly body: Buffer;
}

/** A request with the places in its body that differ from request to request, -1 where there is none. */
interface Template extends PanelRequest {
  readonly quantisationOffset: number;
  readonly serialOffset: number;
}

/**
 * Requests without end, no two of which have the same content, so that no cache answers any. A picture is one of 200 whose
 * quantisation table differs: that changes every pixel a little, costs the client nothing, and takes as long to decode.
 */
export class PanelRequests {
  readonly #templates: readonly Template[];
  #serial = 0;

  private constructor(templates: readonly Template[]) {
    this.#templates = templates;
  }

  static async open(kind: PanelKind): Promise<PanelRequests> {
    if (kind === 'text') return new PanelRequests([toTemplate(textRequest(), false)]);
    const pictures = await drawPictures(PICTURES, PICTURES_SEED);
    const requests = kind === 'image' ? pictures.map(imageRequest) : await Promise.all(pictures.map(formRequest));
    return new PanelRequests(requests.map((request) => toTemplate(request, true)));
  }

  next(): PanelRequest {
    const serial = this.#serial++;
    const template = this.#templates[serial % this.#templates.length];
    if (template === undefined) throw new Error('there are no requests to send');
    const { path, type, quantisationOffset, serialOffset } = template;
    const body = Buffer.from(template.body);
    if (quantisationOffset >= 0) changePicture(body, quantisationOffset, Math.floor(serial / this.#templates.length));
    if (serialOffset >= 0) body.write(String(serial).padStart(SERIAL_WORD.length, '0'), serialOffset);
    return { path, type, body };
  }

  /** The same request again and again, as those who ask for one picture send it. */
  repeated(): PanelRequest {
    const [template] = this.#templates;
    if (template === undefined) throw new Error('there are no requests to send');
    return template;
  }
}

function toTemplate(request: PanelRequest, hasPicture: boolean): Template {
  const header = hasPicture ? request.body.indexOf(QUANTISATION_HEADER) : -1;
  // The table begins with its lowest frequency, the mean of a block, which stays.
  const quantisationOffset = header < 0 ? -1 : header + QUANTISATION_HEADER.length + 1;
  return { ...request, quantisationOffset, serialOffset: request.body.indexOf(SERIAL_WORD) };
}

/** @param change less than CHANGES ** CHANGED_FREQUENCIES */
function changePicture(body: Buffer, offset: number, change: number): void {
  for (let i = 0; i < CHANGED_FREQUENCIES; i++) {
    const amount = Math.floor(change / CHANGES ** i) % CHANGES;
    body.writeUInt8(body.readUInt8(offset + i) + amount, offset + i);
  }
}

function imageRequest(jpeg: Buffer): PanelRequest {
  return { path: '/v1/embeddings/image', type: 'image/jpeg', body: jpeg };
}

function textRequest(): PanelRequest {
  const body = Buffer.from(JSON.stringify({ input: [NUMBERED_TEXT] }));
  return { path: '/v1/embeddings', type: 'application/json', body };
}

async function formRequest(jpeg: Buffer): Promise<PanelRequest> {
  const form = new FormData();
  const panel = { image: 'panel', text: NUMBERED_TEXT, composition: PANEL_COMPOSITION };
  form.set('request', JSON.stringify({ input: [panel] }));
  form.set('panel', new Blob([new Uint8Array(jpeg)], { type: 'image/jpeg' }), 'panel.jpg');
  const encoded = new Response(form);
  const type = encoded.headers.get('content-type') ?? 'multipart/form-data';
  return { path: '/v1/embeddings/panel', type, body: Buffer.from(await encoded.arrayBuffer()) };
}

import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { PanelInput } from '../../embedding/panel.ts';
import { PanelvecError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { abandonment } from '../abandonment.ts';
import { filePart, withErrors } from '../openapi.ts';
import { parse } from '../parse.ts';
import { tooMany } from '../too-many.ts';
import { assertFirstOutput, listSchema } from './answer.ts';
import { decodeDataUri } from './data-uri.ts';
import { type FormLimits, readForm, unknownField } from './form.ts';
import { optionFields, optionsSchema, type RequestOptions, resolveOptions } from './options.ts';
import { NPY, sendList } from './reply.ts';

const input = z.union([z.string(), z.array(z.string()).min(1)], 'expected a data URI or a list of them');
const jsonSchema = z.strictObject({ input, ...optionFields });
const formSchema = z.strictObject({ image: filePart('1 to n images'), ...optionFields });

export const IMAGE_TYPES = ['image/jpeg', 'image/png', 'image/webp'];

interface ImageRequest {
  readonly options: RequestOptions;
  readonly images: readonly { readonly bytes: Buffer; readonly field: string }[];
}

/** Images to vectors. An image alone is a panel without text and place: nothing is put in their stead. */
export function imageRoute({ models, embedder, config }: Services): FastifyPluginAsync {
  return async (app) => {
    app.post('/v1/embeddings/image', {
      schema: {
        summary: 'Embed images',
        description: 'Form parts named `image`, one raw image with the options in the query, or data URIs in JSON.',
        tags: ['embeddings'],
        querystring: optionsSchema,
        bodies: {
          'multipart/form-data': formSchema,
          'application/json': jsonSchema,
          ...Object.fromEntries(IMAGE_TYPES.map((type) => [type, 'binary' as const])),
        },
        alsoProduces: [NPY],
        response: withErrors({ 200: listSchema }),
      },
      handler: async (request, reply) => {
        const { images, options } = await readImages(request, config);
        const resolved = resolveOptions(models, options, abandonment(reply));
        assertFirstOutput(resolved.embed.outputs[0], resolved.embed.outputs[0] === 'vision', 'an image');
        const inputs = images.map((image, at): PanelInput => ({ param: `input[${at}]`, image }));
        const panels = await embedder.panels(resolved.served, inputs, resolved.embed);
        return sendList(request, reply, panels, resolved);
      },
    });
  };
}

async function readImages(request: FastifyRequest, limits: FormLimits): Promise<ImageRequest> {
  const query = request.query as RequestOptions;
  if (request.isMultipart()) {
    const { files, fields } = await readForm(request, limits);
    const stranger = files.find((file) => file.name !== 'image');
    if (stranger) throw unknownField(stranger.name);
    if (files.length === 0)
      throw new PanelvecError('invalid_request', 'give at least one part "image"', { param: 'image' });
    const options = { ...query, ...parse(optionsSchema, fields) };
    return {
      options,
      images: files.map(({ bytes }, at) => ({ bytes, field: files.length === 1 ? 'image' : `image[${at}]` })),
    };
  }
  if (Buffer.isBuffer(request.body)) return { options: query, images: [{ bytes: request.body, field: 'image' }] };
  const { input: given, ...options } = parse(jsonSchema, request.body);
  const uris = typeof given === 'string' ? [given] : given;
  if (uris.length > limits.maxItems) throw tooMany(uris.length, limits.maxItems, 'input');
  const images = uris.map((uri, at) => {
    const field = typeof given === 'string' ? 'input' : `input[${at}]`;
    return { bytes: decodeDataUri(uri, field, limits.maxImageBytes), field };
  });
  return { options: { ...query, ...options }, images };
}

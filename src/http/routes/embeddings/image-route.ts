import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { PanelInput } from '../../../embedding/panel-input.ts';
import { PanelvecError } from '../../../errors.ts';
import type { Services } from '../../../services.ts';
import { filePartSchema, withErrors } from '../../openapi.ts';
import { parse } from '../../parse-request.ts';
import { clientDisconnectSignal } from '../../plugins/client-disconnect.ts';
import { tooManyItemsError } from '../../too-many-items-error.ts';
import { decodeDataUri } from './data-uri.ts';
import { optionFields, optionsSchema, type RequestOptions, resolveOptions } from './embedding-options.ts';
import { assertFirstOutput, embeddingListSchema } from './embedding-response.ts';
import { type MultipartLimits, readMultipartForm, unknownFieldError } from './multipart-form.ts';
import { NPY_MEDIA_TYPE, sendEmbeddings } from './send-embeddings.ts';

const inputSchema = z.union([z.string(), z.array(z.string()).min(1)], 'expected a data URI or a list of them');
const jsonBodySchema = z.strictObject({ input: inputSchema, ...optionFields });
const formSchema = z.strictObject({ image: filePartSchema('1 to n images'), ...optionFields });

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
          'application/json': jsonBodySchema,
          ...Object.fromEntries(IMAGE_TYPES.map((type) => [type, 'binary' as const])),
        },
        alsoProduces: [NPY_MEDIA_TYPE],
        response: withErrors({ 200: embeddingListSchema }),
      },
      handler: async (request, reply) => {
        const { images, options } = await readImages(request, config);
        const resolved = resolveOptions(models, options, clientDisconnectSignal(reply));
        assertFirstOutput(resolved.embedOptions.outputs[0], resolved.embedOptions.outputs[0] === 'vision', 'an image');
        const inputs = images.map((image, i): PanelInput => ({ param: `input[${i}]`, image }));
        const panels = await embedder.embedPanels(resolved.servedModel, inputs, resolved.embedOptions);
        return sendEmbeddings(request, reply, panels, resolved);
      },
    });
  };
}

async function readImages(request: FastifyRequest, limits: MultipartLimits): Promise<ImageRequest> {
  const query = request.query as RequestOptions;
  if (request.isMultipart()) {
    const { files, fields } = await readMultipartForm(request, limits);
    const unexpectedPart = files.find((file) => file.name !== 'image');
    if (unexpectedPart) throw unknownFieldError(unexpectedPart.name);
    if (files.length === 0)
      throw new PanelvecError('invalid_request', 'give at least one part "image"', { param: 'image' });
    const options = { ...query, ...parse(optionsSchema, fields) };
    return {
      options,
      images: files.map(({ bytes }, i) => ({ bytes, field: files.length === 1 ? 'image' : `image[${i}]` })),
    };
  }
  if (Buffer.isBuffer(request.body)) return { options: query, images: [{ bytes: request.body, field: 'image' }] };
  const { input: dataUris, ...options } = parse(jsonBodySchema, request.body);
  const uris = typeof dataUris === 'string' ? [dataUris] : dataUris;
  if (uris.length > limits.maxItems) throw tooManyItemsError(uris.length, limits.maxItems, 'input');
  const images = uris.map((uri, i) => {
    const field = typeof dataUris === 'string' ? 'input' : `input[${i}]`;
    return { bytes: decodeDataUri(uri, field, limits.maxImageBytes), field };
  });
  return { options: { ...query, ...options }, images };
}

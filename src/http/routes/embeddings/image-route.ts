import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { PanelInput } from '../../../embedding/panel-input.ts';
import { PanelvecError } from '../../../errors.ts';
import type { Services } from '../../../services.ts';
import { MultipartForm, unknownFieldError } from '../../body/multipart-form.ts';
import { clientDisconnectSignal } from '../../client-disconnect.ts';
import { filePartSchema, withErrors } from '../../openapi-schemas.ts';
import { assertItemCount, parse } from '../../validation.ts';
import { optionFields, optionsSchema, type RequestOptions, resolveOptions } from './embedding-options.ts';
import { embeddingListSchema } from './embedding-response.ts';
import { JsonImages } from './json-images.ts';
import { type ImageName, type RequestImage, toImageNames } from './request-images.ts';
import { NPY_MEDIA_TYPE, sendEmbeddings } from './send-embeddings.ts';
import { assertHasFirstOutput } from './vector-response.ts';

const inputSchema = z.union([z.string(), z.array(z.string()).min(1)], 'expected a data URI, a URL or a list of them');
const jsonBodySchema = z.strictObject({ input: inputSchema, ...optionFields });
const formSchema = z.strictObject({ image: filePartSchema('One image or more'), ...optionFields });

/** Of the image types those that are described; any other is taken too, since the bytes decide. */
const IMAGE_MEDIA_TYPES = ['image/jpeg', 'image/png', 'image/webp', 'image/avif'];

interface ImageRequest {
  /** Options of the body; those of the query apply where the body has none */
  readonly options: RequestOptions;
  readonly images: readonly (RequestImage | ImageName)[];
}

/** POST /v1/embeddings/image: images to vectors. An image alone is a panel without text and place. */
export const imageRoute: FastifyPluginAsyncZod<Services> = async (app, services) => {
  const { models, embedder, config } = services;
  app.post('/v1/embeddings/image', {
    config: { access: 'embed' },
    schema: {
      summary: 'Embed images',
      description:
        'Form parts named `image`, one raw image with the options in the query, or data URIs or URLs in JSON.',
      tags: ['embeddings'],
      querystring: optionsSchema,
      bodies: {
        'multipart/form-data': formSchema,
        'application/json': jsonBodySchema,
        ...Object.fromEntries(IMAGE_MEDIA_TYPES.map((type) => [type, 'binary' as const])),
      },
      alsoProduces: [NPY_MEDIA_TYPE],
      response: withErrors({ 200: embeddingListSchema }),
    },
    handler: async (request, reply) => {
      const { images: given, options: bodyOptions } = readImages(request, config);
      const signal = clientDisconnectSignal(reply);
      const options = resolveOptions(models, { ...request.query, ...bodyOptions }, request, signal);
      assertHasFirstOutput(options, ['vision'], 'an image');
      const images = await takeImages(given, new JsonImages(reply, services), signal);
      const inputs = images.map((image, i): PanelInput => ({ param: `input[${i}]`, image }));
      const panels = await embedder.embedPanels(options.servedModel, inputs, options.embedOptions);
      return sendEmbeddings(request, reply, panels, options);
    },
  });
};

/** Decodes or fetches the images that have no bytes yet. */
async function takeImages(
  given: ImageRequest['images'],
  source: JsonImages,
  signal: AbortSignal,
): Promise<readonly RequestImage[]> {
  await source.fetchUrls(
    given.filter((image) => 'param' in image),
    signal,
  );
  return given.map((image) =>
    'bytes' in image ? image : { bytes: source.take(image.name, image.param), field: image.param },
  );
}

function readImages({ body }: FastifyRequest, { maxItems }: { readonly maxItems: number }): ImageRequest {
  if (body instanceof MultipartForm) return readFormImages(body);
  if (Buffer.isBuffer(body)) return { options: {}, images: [{ bytes: body, field: 'image' }] };
  const { input, ...options } = parse(jsonBodySchema, body);
  if (typeof input === 'string') return { options, images: [{ name: input, param: 'input' }] };
  assertItemCount(input.length, maxItems, 'input');
  return { options, images: toImageNames(input, 'input') };
}

function readFormImages({ files, fields }: MultipartForm): ImageRequest {
  const { image: textOfImage, ...optionTexts } = fields;
  const unexpectedPart = files.find((file) => file.name !== 'image');
  if (unexpectedPart)
    throw unknownFieldError(unexpectedPart.name, 'each image is a part named "image", and options are texts');
  const options = parse(optionsSchema, optionTexts);
  if (files.length === 0 || textOfImage !== undefined) {
    const problem = textOfImage === undefined ? 'give at least one part "image"' : 'the part is text, not a file';
    throw new PanelvecError('invalid_request', `${problem}: curl takes -F image=@FILE`, { param: 'image' });
  }
  return {
    options,
    images: files.map(({ bytes }, i) => ({ bytes, field: files.length === 1 ? 'image' : `image[${i}]` })),
  };
}

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import fresh from 'fresh';
import { z } from 'zod';
import { getPanel } from '../../../collections/panel-rows.ts';
import { type PagePictures, type PictureRequest, readOptionsOf } from '../../../collections/pictures/page-pictures.ts';
import { PanelvecError } from '../../../errors.ts';
import type { Services } from '../../../services.ts';
import { clientDisconnectSignal } from '../../client-disconnect.ts';
import { withErrors } from '../../openapi-schemas.ts';
import { panelParamsSchema } from './panel-schemas.ts';

/** Few, so that the pictures of all clients are those in the cache. */
const WIDTHS = [160, 320, 640, 1280];
const querySchema = z.strictObject({
  width: z.coerce
    .number()
    .refine((width) => WIDTHS.includes(width), `expected ${WIDTHS.join(', ')}`)
    .meta({ enum: WIDTHS })
    .optional()
    .describe(`Maximum width in pixels, one of ${WIDTHS.join(', ')}; without it, as wide as it is`),
});
/** A browser may show a picture for so long before it asks whether the file is still the same. */
const CACHE_CONTROL = 'private, max-age=300';
const MEDIA_TYPES = ['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/gif'];

/** The pictures of a panel and of its page, made from the file of the dataset. */
export const picturesRoute: FastifyPluginAsyncZod<
  Pick<Services, 'collections'> & { readonly pictures: PagePictures }
> = async (app, { collections, pictures }) => {
  const routes = [
    { name: 'image', summary: 'The picture of a panel', isWhole: false },
    { name: 'page', summary: 'The picture of the page of a panel', isWhole: true },
  ];
  for (const { name, summary, isWhole } of routes) {
    app.get(`/v1/collections/:collection/panels/:id/${name}`, {
      config: { access: 'search' },
      schema: {
        summary,
        tags: ['collections'],
        params: panelParamsSchema,
        querystring: querySchema,
        alsoProduces: MEDIA_TYPES,
        response: withErrors({ 200: z.unknown() }),
      },
      handler: async (request, reply) => {
        const { params, query } = request;
        const picture = await collections.useCollection(params.collection, async (database, collection) => {
          const { image, box } = await getPanel(database, collection, params.id);
          if (image === null) throw new PanelvecError('picture_missing', 'the collection knows no picture of the page');
          const readOptions = readOptionsOf(collection);
          return { image, readOptions, box: isWhole ? null : box, maxWidth: query.width };
        });
        return sendPicture(pictures, picture, request, reply);
      },
    });
  }
};

/** Responds 304 before any pixel is decoded where the client has the picture. */
async function sendPicture(
  pictures: PagePictures,
  picture: PictureRequest,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { etag, load } = await pictures.find(picture);
  const headers = { etag, 'cache-control': CACHE_CONTROL };
  if (fresh(request.headers, { etag })) return reply.status(304).headers(headers).send();
  // Headers of a picture must not be those of an error.
  const { bytes, mediaType } = await load(clientDisconnectSignal(reply));
  return reply.headers(headers).type(mediaType).send(bytes);
}

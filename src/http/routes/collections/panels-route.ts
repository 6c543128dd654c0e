import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { findNeighbourPages, findPanelsOfPage } from '../../../collections/page-rows.ts';
import { findPanels, getPanel } from '../../../collections/panel-rows.ts';
import { type PagePictures, readOptionsOf } from '../../../collections/pictures/page-pictures.ts';
import type { Services } from '../../../services.ts';
import { withErrors } from '../../openapi-schemas.ts';
import { collectionParamsSchema } from './collection-schemas.ts';
import { toPanelResponse } from './panel-response.ts';
import { panelDetailSchema, panelListSchema, panelParamsSchema, panelsQuerySchema, toGate } from './panel-schemas.ts';

const tags = ['collections'];

/** /v1/collections/{collection}/panels: panels by their ids, and one panel with its page. */
export const panelsRoute: FastifyPluginAsyncZod<
  Pick<Services, 'collections'> & { readonly pictures: PagePictures }
> = async (app, { collections, pictures }) => {
  app.get('/v1/collections/:collection/panels', {
    config: { access: 'search' },
    schema: {
      summary: 'Show panels by their ids',
      description: 'In the order of the ids. Ids that the collection lacks are left out.',
      tags,
      params: collectionParamsSchema,
      querystring: panelsQuerySchema,
      response: withErrors({ 200: panelListSchema }),
    },
    handler: async ({ params, query }): Promise<z.infer<typeof panelListSchema>> =>
      collections.useCollection(params.collection, async (database, collection) => {
        const rows = await findPanels(database, collection, query.ids);
        return { object: 'list', data: rows.map((row) => toPanelResponse(collection, row)) };
      }),
  });

  app.get('/v1/collections/:collection/panels/:id', {
    config: { access: 'search' },
    schema: {
      summary: 'Show a panel with its page',
      tags,
      params: panelParamsSchema,
      response: withErrors({ 200: panelDetailSchema }),
    },
    handler: async ({ params }): Promise<z.infer<typeof panelDetailSchema>> => {
      const { collection, panel, panels, neighbours } = await collections.useCollection(
        params.collection,
        async (database, found) => {
          const row = await getPanel(database, found, params.id);
          return {
            collection: found,
            panel: row,
            panels: await findPanelsOfPage(database, found, row.page),
            neighbours: await findNeighbourPages(database, found, row),
          };
        },
      );
      const { canonical_id, book, page_type, summary, image, gate } = panel;
      const size = image && (await pictures.findSize({ image, readOptions: readOptionsOf(collection) }));
      const { width, height } = size ?? { width: null, height: null };
      const boxes = panels.map(({ box, ...rest }) => ({ ...rest, box: [...box] }));
      const page = { canonical_id, book, page_type, summary, width, height, panels: boxes, ...neighbours };
      return { ...toPanelResponse(collection, panel), page, gate: toGate(gate) };
    },
  });
};

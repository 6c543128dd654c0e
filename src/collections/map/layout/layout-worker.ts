/** The thread of a layout process that computes. */
import pLimit from 'p-limit';
import { parentPortEndpoint } from '../../../process/endpoint.ts';
import { serveRpc } from '../../../process/rpc.ts';
import type { LayoutMethods } from './layout-messages.ts';
import { MapLayout, type Placement } from './map-layout.ts';

const oneAtATime = pLimit(1);
let layout: MapLayout | undefined;

async function place(vectors: Float32Array): Promise<Placement> {
  if (layout === undefined) throw new Error('there are no landmarks yet');
  return layout.place(vectors);
}

serveRpc<LayoutMethods>(parentPortEndpoint(), {
  fit: ({ landmarks, seed }) =>
    oneAtATime(async () => {
      layout = await MapLayout.fit(landmarks, seed);
      return layout.placeLandmarks();
    }),
  place: (vectors) => oneAtATime(place, vectors),
});

import { routeHref } from '../../app/route.ts';
import { COLOURINGS, type Colouring } from './map-colours.ts';

/** What the map shows, as the address holds it. */
export interface MapQuery {
  readonly collection: string;
  /** Words whose results light up */
  readonly text: string;
  readonly colouring: Colouring;
}

export function parseMapQuery(params: URLSearchParams): MapQuery {
  return {
    collection: params.get('collection') ?? '',
    text: params.get('q') ?? '',
    colouring: COLOURINGS.find((name) => name === params.get('colour')) ?? COLOURINGS[0],
  };
}

/** The address of a map, and of a panel shown over it. */
export function mapHref({ collection, text, colouring }: MapQuery, panel?: string): string {
  const colour = colouring === COLOURINGS[0] ? undefined : colouring;
  return routeHref('map', [], { collection, q: text, colour, panel });
}

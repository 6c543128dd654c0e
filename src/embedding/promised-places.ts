import type { Priority } from '../inference/priority.ts';

/** Of clocks and timers */
const EARLY_MS = 20;
/** For so long is a place kept for a client that is late. */
const LATE_MS = 5000;
/** What many requests have in common says nothing of whose they are. */
const MAX_PLACES_PER_REQUEST = 4;

/** By which a client that was refused is known when it returns. */
export interface RetryClient {
  readonly connection: object;
  /** What can be told of the request before its body is read, and who sends it; undefined where that is too little */
  readonly request: string | undefined;
}

export interface PromisedPlace {
  readonly dueAt: number;
  readonly work: number;
  readonly priority: Priority;
}

interface KeptPlace extends PromisedPlace {
  readonly request: string | undefined;
  /** Whether it was taken, or nobody came in time */
  isOver: boolean;
}

/**
 * Places that are kept for clients until shortly after their time. A client returns with the same request, over the same connection or over
 * another one: many close connections that are idle for some seconds, and those of a pool or a proxy are shared.
 */
export class PromisedPlaces {
  readonly #byConnection = new WeakMap<object, KeptPlace[]>();
  readonly #byRequest = new Map<string, KeptPlace[]>();
  /** In the order of their times. Places that were taken are removed when they would have expired. */
  readonly #places: KeptPlace[] = [];

  /** Places that are promised to clients of a connection. */
  count(connection: object): number {
    return this.#ofConnection(connection).length;
  }

  /** Keeps a place whose time is after that of all others. */
  add({ connection, request }: RetryClient, promised: PromisedPlace): void {
    const place = { ...promised, request, isOver: false };
    this.#places.push(place);
    this.#byConnection.set(connection, [...this.#ofConnection(connection), place]);
    if (request === undefined) return;
    const same = this.#byRequest.get(request);
    if (same === undefined) this.#byRequest.set(request, [place]);
    else if (same.length < MAX_PLACES_PER_REQUEST) same.push(place);
  }

  /** Takes the place of a client whose time has come. */
  take({ connection, request }: RetryClient, now: number): PromisedPlace | undefined {
    const isDue = ({ dueAt }: KeptPlace) => dueAt <= now + EARLY_MS;
    const own = this.#ofConnection(connection);
    const same = request === undefined ? undefined : this.#byRequest.get(request);
    const place =
      own.find((each) => each.request === request && isDue(each)) ??
      same?.find(isDue) ??
      // A client that goes on with another request. On a shared connection, it would take the place of somebody else.
      (own.length === 1 ? own.find(isDue) : undefined);
    if (place !== undefined) this.#end(place);
    return place;
  }

  /** Ends places whose clients have not returned in time, and returns them. */
  expire(now: number): PromisedPlace[] {
    const end = this.#places.findIndex(({ dueAt }) => dueAt + LATE_MS >= now);
    const over = this.#places.splice(0, end < 0 ? this.#places.length : end);
    const expired = over.filter(({ isOver }) => !isOver);
    for (const place of expired) this.#end(place);
    return expired;
  }

  /** Those that nobody has taken yet, in the order of their times. */
  *waiting(): Generator<PromisedPlace> {
    for (const place of this.#places) if (!place.isOver) yield place;
  }

  #ofConnection(connection: object): readonly KeptPlace[] {
    const places = this.#byConnection.get(connection);
    return places === undefined ? [] : places.filter(({ isOver }) => !isOver);
  }

  #end(place: KeptPlace): void {
    place.isOver = true;
    const { request } = place;
    const rest = request === undefined ? undefined : this.#byRequest.get(request)?.filter(({ isOver }) => !isOver);
    if (request === undefined || rest === undefined) return;
    if (rest.length > 0) this.#byRequest.set(request, rest);
    else this.#byRequest.delete(request);
  }
}

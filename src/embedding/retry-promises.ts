import type { Priority } from '../inference/priority.ts';

/** Of what the service does, refused clients that return may take so much; the rest is for new requests and for errors of the rate. */
const RETURNING_SHARE = 0.9;
/** Clients give up on longer waits; OpenAI's ignore one of over a minute. */
const MAX_SECONDS = 60;
/** From here on, times are drawn and no place is kept: those who would all get the longest one must not return together. */
const MIN_LONG_SECONDS = 45;
/** Of clocks and timers */
const EARLY_MS = 20;
/** For so long is a place kept for a client that is late. */
const LATE_MS = 5000;
/** For so long do others stand back for it: clients that read whole seconds are late by up to one. */
const AWAITED_MS = 1250;
/** How much one client that returned, or did not, changes the share of those that do */
const LEARNING_RATE = 0.01;
const MIN_KEPT_SHARE = 0.5;
/** A proxy sends requests of many clients over one connection; a client that does not wait must not get all the places. */
const MAX_PLACES_PER_CONNECTION = 256;
/** The work that is about to return is summed up no more often. */
const SUM_PERIOD_MS = 10;

interface PromisedPlace {
  readonly dueAt: number;
  readonly work: number;
  readonly priority: Priority;
  isTaken: boolean;
}

export interface RetryRequest {
  readonly work: number;
  readonly priority: Priority;
  /** Seconds until there is room for anything */
  readonly delaySeconds: number;
  /** Work that the service does in a second */
  readonly rate: number;
  /** By which the client is known when it returns; without one, it is told a time and no place is kept */
  readonly connection: object | undefined;
}

/**
 * The times at which refused clients were told to return, as a queue that drains about as fast as the service works: each is told
 * a time after those before it, and its place is kept for its connection until shortly after.
 */
export class RetryPromises {
  readonly #now: () => number;
  readonly #random: () => number;
  /** How long before its time a place counts as taken */
  readonly #horizonMs: number;
  readonly #byConnection = new WeakMap<object, PromisedPlace[]>();
  /** In the order of their times. Places that were taken are removed when their time comes. */
  #places: PromisedPlace[] = [];
  /** Of those that nobody has taken */
  #promisedWork = 0;
  /** When the last of them is due */
  #endsAt = 0;
  /** Share of the clients that return */
  #keptShare = 1;
  #summedAt = Number.NEGATIVE_INFINITY;
  #awaited: Record<Priority, number> = { interactive: 0, batch: 0 };

  constructor(now: () => number, random: () => number, horizonSeconds: number) {
    this.#now = now;
    this.#random = random;
    this.#horizonMs = horizonSeconds * 1000;
  }

  /** Promises a place, and returns the seconds until then. */
  promise({ work, priority, delaySeconds, rate, connection }: RetryRequest): number {
    const now = this.#now();
    this.#expire(now);
    const isCrowded = (connection && this.#byConnection.get(connection)?.length) === MAX_PLACES_PER_CONNECTION;
    if (isCrowded) return this.#drawLongTime();
    // Who does not return leaves room for others.
    const msPerWork = (1000 * this.#keptShare) / (rate * RETURNING_SHARE);
    // What was promised at a higher rate takes longer than it seemed.
    const startsAt = Math.max(this.#endsAt, now + delaySeconds * 1000, now + this.#promisedWork * msPerWork);
    // A place within the own slot: clients whose slots are short must not keep in step.
    const dueAt = startsAt + this.#random() * work * msPerWork;
    const seconds = (dueAt - now) / 1000;
    if (!(seconds < MIN_LONG_SECONDS)) return this.#drawLongTime();
    this.#endsAt = startsAt + work * msPerWork;
    if (connection !== undefined) this.#keep(connection, { dueAt, work, priority, isTaken: false });
    return seconds;
  }

  /** Takes the place that was promised to a client of a connection, if its time has come. */
  take(connection: object): boolean {
    const now = this.#now();
    const places = this.#byConnection.get(connection);
    if (places === undefined) return false;
    this.#expire(now);
    while (places[0]?.isTaken) places.shift();
    const [place] = places;
    if (place === undefined || place.dueAt > now + EARLY_MS) return false;
    places.shift();
    place.isTaken = true;
    this.#promisedWork -= place.work;
    this.#learn(1);
    return true;
  }

  /** Work that is about to return, or should have returned just now, as far as clients do. */
  awaitedWork(): Readonly<Record<Priority, number>> {
    const now = this.#now();
    if (now - this.#summedAt < SUM_PERIOD_MS) return this.#awaited;
    this.#expire(now);
    this.#summedAt = now;
    const awaited = { interactive: 0, batch: 0 };
    for (const { dueAt, work, priority, isTaken } of this.#places) {
      if (dueAt > now + this.#horizonMs) break;
      if (!isTaken && dueAt + AWAITED_MS >= now) awaited[priority] += work * this.#keptShare;
    }
    this.#awaited = awaited;
    return awaited;
  }

  #keep(connection: object, place: PromisedPlace): void {
    const places = this.#byConnection.get(connection) ?? [];
    places.push(place);
    this.#byConnection.set(connection, places);
    this.#places.push(place);
    this.#promisedWork += place.work;
  }

  #drawLongTime(): number {
    return MIN_LONG_SECONDS + this.#random() * (MAX_SECONDS - MIN_LONG_SECONDS);
  }

  #expire(now: number): void {
    let count = 0;
    for (const place of this.#places) {
      if (place.dueAt + LATE_MS >= now) break;
      count++;
      if (place.isTaken) continue;
      place.isTaken = true;
      this.#promisedWork -= place.work;
      this.#learn(0);
    }
    if (count > 0) this.#places.splice(0, count);
    if (this.#places.length === 0) this.#promisedWork = 0;
  }

  #learn(sample: number): void {
    this.#keptShare = Math.max(MIN_KEPT_SHARE, this.#keptShare + LEARNING_RATE * (sample - this.#keptShare));
  }
}

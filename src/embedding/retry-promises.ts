import type { Priority } from '../inference/priority.ts';
import { PromisedPlaces, type RetryClient } from './promised-places.ts';

/** Of what the service does, refused clients that return may take so much; the rest is for new requests and for errors of the rate. */
const RETURNING_SHARE = 0.9;
/** Clients give up on longer waits; OpenAI's ignore one of over a minute. */
const MAX_SECONDS = 60;
/** From here on, times are drawn and no place is kept: those who would all get the longest one must not return together. */
const MIN_LONG_SECONDS = 45;
/** For so long do others stand back for a client that is late: clients that read whole seconds are late by up to one. */
const AWAITED_MS = 1250;
/** How much one client that returned, or did not, changes the share of those that do */
const LEARNING_RATE = 0.01;
const MIN_KEPT_SHARE = 0.5;
/** A proxy sends requests of many clients over one connection; a client that does not wait must not get all the places. */
const MAX_PLACES_PER_CONNECTION = 256;
/** The work that is about to return is summed up no more often. */
const SUM_PERIOD_MS = 10;

export interface RetryRequest {
  readonly work: number;
  readonly priority: Priority;
  /** Seconds until there is room for anything */
  readonly delaySeconds: number;
  /** Work that the service does in a second */
  readonly rate: number;
  /** Without one, a time is told and no place is kept */
  readonly client: RetryClient | undefined;
}

/**
 * The times at which refused clients were told to return, as a queue that drains about as fast as the service works: each is told
 * a time after those before it, and its place is kept until shortly after.
 */
export class RetryPromises {
  readonly #now: () => number;
  readonly #random: () => number;
  /** How long before its time a place counts as taken */
  readonly #horizonMs: number;
  readonly #places = new PromisedPlaces();
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
  promise({ work, priority, delaySeconds, rate, client }: RetryRequest): number {
    const now = this.#now();
    this.#expire(now);
    const isCrowded = client !== undefined && this.#places.count(client.connection) >= MAX_PLACES_PER_CONNECTION;
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
    if (client === undefined) return seconds;
    this.#places.add(client, { dueAt, work, priority });
    this.#promisedWork += work;
    return seconds;
  }

  /** Takes the place that was promised to a client, if its time has come. */
  take(client: RetryClient): boolean {
    const now = this.#now();
    this.#expire(now);
    const place = this.#places.take(client, now);
    if (place === undefined) return false;
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
    for (const { dueAt, work, priority } of this.#places.waiting()) {
      if (dueAt > now + this.#horizonMs) break;
      if (dueAt + AWAITED_MS >= now) awaited[priority] += work * this.#keptShare;
    }
    this.#awaited = awaited;
    return awaited;
  }

  #drawLongTime(): number {
    return MIN_LONG_SECONDS + this.#random() * (MAX_SECONDS - MIN_LONG_SECONDS);
  }

  #expire(now: number): void {
    for (const { work } of this.#places.expire(now)) {
      this.#promisedWork -= work;
      this.#learn(0);
    }
  }

  #learn(sample: number): void {
    this.#keptShare = Math.max(MIN_KEPT_SHARE, this.#keptShare + LEARNING_RATE * (sample - this.#keptShare));
  }
}

import { PanelvecError } from '../errors.ts';
import { PRIORITIES, PRIORITY_SHARES, type Priority } from '../inference/priority.ts';
import { CostGuess, type RequestKind } from './cost-guess.ts';
import type { RetryClient } from './promised-places.ts';
import { RetryPromises } from './retry-promises.ts';
import { ServiceRate } from './service-rate.ts';
import { WaitDelay } from './wait-delay.ts';

/** A body that has not arrived by then keeps no place: a slow sender must not keep others out. */
const HOLD_MS = 1000;
/** Seconds of work that the service is taken to do in a second before it has done any: engines and decoders work side by side. */
const START_RATE = 1.5;
/**
 * From this share of the longest wait on, some are refused by chance, ever more until it is reached. Otherwise a client that has
 * just got its response would always take the place that this left, and one that comes back over another connection would find none.
 */
const CHANCE_SHARE = 0.75;
/** New requests leave room for those whose promises are due within this share of the longest wait. */
const PROMISED_SHARE = 0.5;
/** The least that anything counts, so that a retry is never promised for the same moment as the one before */
const MIN_COST = 1e-4;

/** Work of a request, as it is known at the time. */
export interface Work {
  /** Seconds that one engine would take. Only how it compares to others matters, since the rate is learnt in the same unit */
  readonly cost: number;
  readonly priority: Priority;
  /** By `performance.now` */
  readonly deadline?: number | undefined;
}

/** Why work is refused */
export type WaitRefusal = 'wait' | 'deadline';

/** A request whose body is not read yet. */
export interface UnreadWork extends Pick<Work, 'deadline'> {
  /** Undefined where its headers do not say it */
  readonly priority: Priority | undefined;
  readonly kind: RequestKind;
  readonly bodyBytes: number;
  /** For whom a place is kept when the request is refused */
  readonly client?: RetryClient | undefined;
}

/** The place of a request whose body is being read. */
export interface HeldPlace extends UnreadWork {
  readonly priority: Priority;
  readonly heldAt: number;
  /** A guess */
  readonly cost: number;
  /** Whether its work was admitted once: then nothing more of the same request is refused */
  isAdmitted: boolean;
}

/** Work that was admitted. */
export interface AdmittedPlace {
  /** Tells that a part of the work is done. */
  recordDone(cost: number): void;
  /** Ends it. What is not done by then was given up. */
  release(): void;
}

export interface WaitAdmissionOptions {
  readonly maxWaitSeconds: number;
  readonly onRefused?: (reason: WaitRefusal) => void;
  /** For tests */
  readonly now?: () => number;
  readonly random?: () => number;
}

/**
 * Admits what will not wait for long: the work ahead over the rate at which the service works. An empty service admits a request
 * of any size. Who is refused is told when there will be room.
 */
export class WaitAdmission {
  readonly #options: WaitAdmissionOptions;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #rate: ServiceRate;
  readonly #promises: RetryPromises;
  readonly #guess = new CostGuess();
  readonly #admitted: Record<Priority, number> = { interactive: 0, batch: 0 };
  /** In the order in which they began */
  readonly #held = new Set<HeldPlace>();
  readonly #delays: Readonly<Record<Priority, WaitDelay>> = { interactive: new WaitDelay(), batch: new WaitDelay() };
  #openPlaces = 0;

  constructor(options: WaitAdmissionOptions) {
    const { now = () => performance.now(), random = Math.random } = options;
    this.#options = options;
    this.#now = now;
    this.#random = random;
    this.#rate = new ServiceRate(START_RATE, now);
    this.#promises = new RetryPromises(now, random, options.maxWaitSeconds * PROMISED_SHARE);
  }

  /** Work that the service does in a second, as learnt */
  get rate(): number {
    return this.#rate.perSecond;
  }

  /** How long work that is admitted now waits for its turn. */
  expectedWaitSeconds(priority: Priority): number {
    return this.#waitBehind(this.#admitted, priority);
  }

  /** Keeps a place for a request while its body is read. @throws PanelvecError queue_full */
  hold(unread: UnreadWork): HeldPlace {
    const cost = this.#guess.guess(unread.kind, unread.bodyBytes);
    const work = { ...unread, cost, priority: unread.priority ?? this.#guess.guessPriority(unread.kind) };
    this.#dropOldHolds();
    const ahead = { ...this.#admitted };
    for (const { priority, cost } of this.#held) ahead[priority] += cost;
    const { client } = unread;
    const isPromised = client !== undefined && this.#promises.take(client);
    this.#assertAdmits(work, ahead, { isExpected: isPromised, client });
    const place: HeldPlace = { ...work, heldAt: this.#now(), isAdmitted: false };
    this.#held.add(place);
    return place;
  }

  /** Gives a place back that nobody needs any more. */
  drop(place: HeldPlace): void {
    this.#held.delete(place);
  }

  /** Admits work whose cost is known, in the place that was held for it. @throws PanelvecError queue_full */
  admit(work: Work, place?: HeldPlace): AdmittedPlace {
    const isExpected = place !== undefined && this.#held.delete(place);
    if (!place?.isAdmitted) this.#assertAdmits(work, this.#admitted, { isExpected, client: place?.client });
    if (place !== undefined) {
      if (!place.isAdmitted) this.#guess.record(place.kind, place.bodyBytes, work.cost, work.priority);
      place.isAdmitted = true;
    }
    const { priority } = work;
    const begin = this.#delays[priority].add(this.expectedWaitSeconds(priority), this.#now());
    let remaining = work.cost;
    const take = (cost: number) => {
      const taken = Math.min(cost, remaining);
      remaining -= taken;
      // Sums of fractions leave a rest, which would make an empty service a busy one.
      this.#admitted[priority] = Math.max(0, this.#admitted[priority] - taken);
      return taken;
    };
    this.#admitted[priority] += work.cost;
    this.#openPlaces++;
    this.#rate.setBusy(true);
    let isOpen = true;
    return {
      recordDone: (cost) => {
        begin();
        this.#rate.recordDone(take(cost));
      },
      release: () => {
        if (!isOpen) return;
        isOpen = false;
        begin();
        take(remaining);
        this.#openPlaces--;
        if (this.#openPlaces > 0) return;
        for (const each of PRIORITIES) this.#admitted[each] = 0;
        this.#rate.setBusy(false);
      },
    };
  }

  /** Seconds after which a client may return that is refused for another limit. */
  promiseRetry(kind: RequestKind): number {
    const priority = this.#guess.guessPriority(kind);
    const delaySeconds = this.expectedWaitSeconds('interactive') / 2;
    const work = Math.max(this.#guess.guess(kind, 0), MIN_COST);
    return this.#promises.promise({ work, priority, delaySeconds, rate: this.rate, client: undefined });
  }

  /**
   * @param isExpected whether a place was kept for the work: it has to fit in, but stands back for nobody
   * @throws PanelvecError queue_full
   */
  #assertAdmits(
    { cost, priority, deadline }: Work,
    ahead: Readonly<Record<Priority, number>>,
    { isExpected, client }: { readonly isExpected: boolean; readonly client: RetryClient | undefined },
  ): void {
    const { maxWaitSeconds, onRefused } = this.#options;
    const ownWait = this.#waitBehind(ahead, priority);
    // What is ahead has ended by the time that it is late: an empty service tries.
    if (ownWait === 0) return;
    const wait = isExpected ? ownWait : this.#waitBehindPromises(ahead, priority);
    const secondsLeft = deadline === undefined ? Number.POSITIVE_INFINITY : (deadline - this.#now()) / 1000;
    const longestWait = Math.min(maxWaitSeconds, secondsLeft - cost / this.rate);
    const surelyAdmitted = isExpected ? longestWait : longestWait * CHANCE_SHARE;
    if (wait <= surelyAdmitted + this.#random() * (longestWait - surelyAdmitted)) return;
    const isForDeadline = longestWait < maxWaitSeconds && wait <= maxWaitSeconds;
    onRefused?.(isForDeadline ? 'deadline' : 'wait');
    const delaySeconds = Math.max(0, wait - Math.max(0, longestWait));
    const work = Math.max(cost, MIN_COST);
    const retryAfterSeconds = this.#promises.promise({ work, priority, delaySeconds, rate: this.rate, client });
    const limit = isForDeadline ? 'the deadline does not allow it' : `the limit is ${maxWaitSeconds} s`;
    const message = `the request would wait about ${wait.toFixed(1)} s for its turn; ${limit}`;
    throw new PanelvecError('queue_full', message, { retryAfterSeconds });
  }

  /** Behind all work, or behind that of its own priority in its share of the service: whichever is sooner. */
  #waitBehind(ahead: Readonly<Record<Priority, number>>, priority: Priority): number {
    const all = ahead.interactive + ahead.batch;
    const seconds = Math.min(all, ahead[priority] / PRIORITY_SHARES[priority]) / this.rate;
    return seconds * this.#delays[priority].factor(this.#now());
  }

  #waitBehindPromises({ interactive, batch }: Readonly<Record<Priority, number>>, priority: Priority): number {
    const promised = this.#promises.awaitedWork();
    const ahead = { interactive: interactive + promised.interactive, batch: batch + promised.batch };
    return this.#waitBehind(ahead, priority);
  }

  #dropOldHolds(): void {
    const oldest = this.#now() - HOLD_MS;
    for (const place of this.#held) {
      if (place.heldAt >= oldest) return;
      this.#held.delete(place);
    }
  }
}

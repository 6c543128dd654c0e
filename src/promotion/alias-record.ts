/** A model that takes a share of the requests for an alias. */
export interface Canary {
  /** Tells it from an earlier canary of the same model */
  readonly id: string;
  readonly model: string;
  /** Share of the requests, from 0 to 1 */
  readonly share: number;
  readonly startedAt: Date;
}

export interface EndedCanary {
  readonly model: string;
  readonly endedAt: Date;
  readonly reason: string;
}

/** What an alias means, by ids of models. */
export interface AliasChoice {
  readonly alias: string;
  readonly model: string;
  /** The model that a rollback brings back; null after one, so that a second does not bring the bad one back */
  readonly previous: string | null;
  readonly canary: Canary | null;
  readonly lastCanary: EndedCanary | null;
}

/** A choice as the database has it. */
export interface AliasRecord extends AliasChoice {
  /** Another number after each change */
  readonly revision: number;
  readonly changedAt: Date;
  /** When its model became active, by `performance.now()` of this process: clocks of services may differ */
  readonly activatedTime: number;
}

/** The choice after its canary has ended. */
export function withoutCanary(choice: AliasChoice, reason: string): AliasChoice {
  const { canary } = choice;
  if (canary === null) return choice;
  return { ...choice, canary: null, lastCanary: { model: canary.model, endedAt: new Date(), reason } };
}

export interface Schedule {
  readonly peak: number;
  readonly least: number;
  readonly warmupSteps: number;
  readonly steps: number;
}

/** Learning rate of a step, from 0: up in a line to the peak, then down along half a cosine to the least. */
export function learningRate({ peak, least, warmupSteps, steps }: Schedule, step: number): number {
  if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps;
  const share = Math.min(1, (step - warmupSteps) / Math.max(1, steps - warmupSteps));
  return least + ((peak - least) * (1 + Math.cos(Math.PI * share))) / 2;
}

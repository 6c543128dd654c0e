export interface CosineSchedule {
  readonly peak: number;
  readonly minimum: number;
  readonly warmupSteps: number;
  readonly steps: number;
}

/** Learning rate of a step, from 0: up in a line to the peak, then down along half a cosine to the least. */
export function cosineLearningRate({ peak, minimum, warmupSteps, steps }: CosineSchedule, step: number): number {
  if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps;
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, steps - warmupSteps));
  return minimum + ((peak - minimum) * (1 + Math.cos(Math.PI * progress))) / 2;
}

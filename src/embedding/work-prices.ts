/** Of an encoder that has computed nothing yet. Golden panels are computed at the start, so requests hardly meet it. */
const START_SECONDS_PER_UNIT = 0.02;
/**
 * How much one run changes what was learnt before. A run that was faster says more: others may have been slowed down by what else
 * the machine does.
 */
const SLOWER_LEARNING_RATE = 0.02;
const FASTER_LEARNING_RATE = 0.3;
/** A picture of usual size: the header, and what does not depend on the pixels */
const DECODE_SECONDS = 0.001;
/** Of a JPEG; those of other formats are near enough. Bytes tell it before anything is decoded. */
const DECODE_SECONDS_PER_BYTE = 3e-8;
/** Of English, in WordPieces */
const CHARACTERS_PER_TOKEN = 4;

/**
 * What work costs, in seconds of one engine or decoder. Only the ratios have to be about right: how many of these seconds the
 * service works off in one is learnt from what it does (`ServiceRate`).
 */
export class WorkPrices {
  readonly #secondsPerUnit = new Map<string, number>();

  /** Learns from what an engine has computed. @param units as `countUnits` */
  recordRun(model: string, units: number, seconds: number): void {
    const sample = seconds / units;
    const known = this.#secondsPerUnit.get(model) ?? sample;
    const learningRate = sample < known ? FASTER_LEARNING_RATE : SLOWER_LEARNING_RATE;
    this.#secondsPerUnit.set(model, known + learningRate * (sample - known));
  }

  /** @param units as `countUnits` */
  inferenceSeconds(model: string, units: number): number {
    return units * (this.#secondsPerUnit.get(model) ?? START_SECONDS_PER_UNIT);
  }
}

export function decodeSeconds(encodedBytes: number): number {
  return DECODE_SECONDS + encodedBytes * DECODE_SECONDS_PER_BYTE;
}

/** What a text has about, before it is tokenized: at most what the encoder reads. */
export function estimateTokens(characters: number, maxTokens: number): number {
  return Math.min(maxTokens, Math.ceil(characters / CHARACTERS_PER_TOKEN) + 2);
}

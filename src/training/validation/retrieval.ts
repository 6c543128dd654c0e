/** Fused vectors (n, d) of n panels, row by row: whole, and as queries see them. */
export interface RetrievalVectors {
  readonly dimensions: number;
  readonly whole: Float32Array;
  readonly image: Float32Array;
  readonly text: Float32Array;
  /** (n): the number of each panel's page */
  readonly page: readonly number[];
  /** (n) */
  readonly hasImage: readonly boolean[];
  readonly hasText: readonly boolean[];
}

/** Shares between 0 and 1; NaN where there is nothing to look for. */
export interface RetrievalMeasures {
  /** Of pictures alone whose own panel is the nearest of all */
  readonly image_to_panel_recall_at_1: number;
  /** Of texts alone whose own panel is among the five nearest */
  readonly text_to_panel_recall_at_5: number;
  /** Of texts alone whose own panel's picture alone is among the five nearest pictures alone: nothing else helps */
  readonly text_to_image_recall_at_5: number;
  /** Of a panel's r nearest others that are on its page, where r others are (R-precision); the mean over panels */
  readonly same_page_precision: number;
}

/** By cosine, among all panels that are given. Equal ones count against the panel that is looked for. */
export function retrievalMeasures(vectors: RetrievalVectors): RetrievalMeasures {
  const { dimensions, page, hasImage, hasText } = vectors;
  const [whole, image, text] = [vectors.whole, vectors.image, vectors.text].map((rows) =>
    unitRows(rows, dimensions),
  ) as [Float32Array, Float32Array, Float32Array];
  const found = (queries: Float32Array, has: readonly boolean[], among: Float32Array, within: number) =>
    mean(
      page.flatMap((_, row) =>
        has[row] ? [rankOf(row, cosines(queries, row, among, dimensions)) < within ? 1 : 0] : [],
      ),
    );
  return {
    image_to_panel_recall_at_1: found(image, hasImage, whole, 1),
    text_to_panel_recall_at_5: found(text, hasText, whole, 5),
    text_to_image_recall_at_5: found(
      text,
      hasText.map((has, row) => has && hasImage[row]!),
      image,
      5,
    ),
    same_page_precision: mean(page.flatMap((_, row) => precision(row, page, cosines(whole, row, whole, dimensions)))),
  };
}

/** How many others are as near as the row itself, or nearer. */
function rankOf(row: number, likeness: Float32Array): number {
  // A vector that is none finds nothing, however few there are.
  if (Number.isNaN(likeness[row])) return Number.POSITIVE_INFINITY;
  let rank = 0;
  for (let other = 0; other < likeness.length; other++) {
    // Written so that a NaN counts as nearer, not as farther.
    if (other !== row && !(likeness[other]! < likeness[row]!)) rank++;
  }
  return rank;
}

function precision(row: number, page: readonly number[], likeness: Float32Array): number[] {
  const others = page.flatMap((_, other) => (other === row ? [] : [other]));
  const isWanted = (other: number) => page[other] === page[row];
  const there = others.filter(isWanted).length;
  if (there === 0) return [];
  // Among equals, the wanted ones come last; a NaN is as far as it can be where it is wanted, and as near where it is not.
  const nearness = (other: number) =>
    Number.isNaN(likeness[other]) ? (isWanted(other) ? -Infinity : Infinity) : likeness[other]!;
  const nearer = (a: number, b: number) => nearness(b) - nearness(a) || Number(isWanted(a)) - Number(isWanted(b));
  return [others.sort(nearer).slice(0, there).filter(isWanted).length / there];
}

function cosines(queries: Float32Array, row: number, rows: Float32Array, dimensions: number): Float32Array {
  const query = queries.subarray(row * dimensions, (row + 1) * dimensions);
  const result = new Float32Array(rows.length / dimensions);
  for (let at = 0; at < result.length; at++) {
    let sum = 0;
    for (let k = 0, from = at * dimensions; k < dimensions; k++) sum += query[k]! * rows[from + k]!;
    result[at] = sum;
  }
  return result;
}

function unitRows(rows: Float32Array, dimensions: number): Float32Array {
  const result = rows.slice();
  for (let from = 0; from < rows.length; from += dimensions) {
    let square = 0;
    for (let k = from; k < from + dimensions; k++) square += rows[k]! ** 2;
    const length = Math.sqrt(square);
    if (length > 0) for (let k = from; k < from + dimensions; k++) result[k] = rows[k]! / length;
  }
  return result;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

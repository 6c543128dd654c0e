/**
 * The size of one axis, which may be unknown until run time: a number, or a product of a number and symbols, written `n`,
 * `6*n` or `n*t`. Sizes that are no such product (the length after a convolution over an unknown length, for example) become
 * symbols of their own, in parentheses, which equal only themselves.
 */
export type Dim = number | string;
export type Shape = readonly Dim[];

interface DimProduct {
  readonly factor: number;
  readonly symbols: readonly string[];
}

function parseDim(dim: Dim): DimProduct {
  if (typeof dim === 'number') return { factor: dim, symbols: [] };
  const parts = dim.split('*');
  const numbers = parts.filter((part) => /^\d+$/.test(part)).map(Number);
  return {
    factor: numbers.reduce((a, b) => a * b, 1),
    symbols: parts.filter((part) => !/^\d+$/.test(part)).sort(),
  };
}

function formatDim({ factor, symbols }: DimProduct): Dim {
  if (factor === 0 || symbols.length === 0) return factor;
  return [...(factor === 1 ? [] : [String(factor)]), ...symbols].join('*');
}

export function multiplyDims(dims: Shape): Dim {
  const products = dims.map(parseDim);
  return formatDim({
    factor: products.reduce((total, product) => total * product.factor, 1),
    symbols: products.flatMap((product) => product.symbols).sort(),
  });
}

/** The quotient `a / b`, or undefined where it is not known to be an integer. */
export function divideDim(a: Dim, b: Dim): Dim | undefined {
  const numerator = parseDim(a);
  const denominator = parseDim(b);
  if (denominator.factor === 0 || numerator.factor % denominator.factor !== 0) return undefined;
  const symbols = [...numerator.symbols];
  for (const symbol of denominator.symbols) {
    const index = symbols.indexOf(symbol);
    if (index < 0) return undefined;
    symbols.splice(index, 1);
  }
  return formatDim({ factor: numerator.factor / denominator.factor, symbols });
}

export function addDims(dims: Shape): Dim {
  const [first, ...rest] = dims;
  if (first !== undefined && rest.length === 0) return first;
  if (dims.every((dim) => typeof dim === 'number')) return dims.reduce<number>((a, b) => a + b, 0);
  return `(${dims.join('+').replaceAll('*', '·')})`;
}

/** The shape after NumPy's broadcasting, or undefined where the shapes do not fit. A symbol matches only itself and 1. */
export function broadcastShapes(shapes: readonly Shape[]): Shape | undefined {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const result: Dim[] = [];
  for (let axis = 0; axis < rank; axis++) {
    let size: Dim = 1;
    for (const shape of shapes) {
      const dim = shape[axis - rank + shape.length] ?? 1;
      if (dim === 1 || dim === size) continue;
      if (size !== 1) return undefined;
      size = dim;
    }
    result.push(size);
  }
  return result;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/** The number of elements of a shape whose sizes are all known. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((total, dim) => total * dim, 1);
}

export function formatShape(shape: Shape): string {
  return `(${shape.join(', ')})`;
}

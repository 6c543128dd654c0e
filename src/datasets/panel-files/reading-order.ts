import type { Edges } from '../../preprocess/boxes.ts';
import type { Dataset } from '../dataset-spec.ts';

type ReadingOrder = Dataset['panels']['reading_order'];

/** Boxes of slanted panels overlap by up to so much of the smaller one. */
const MAX_OVERLAP = 0.35;
/** The work grows with the cube of the boxes. No page has so many panels. */
const MAX_BOXES_TO_CUT = 200;

/**
 * Sorts boxes as people read them: the page is cut into rows, each row into columns, each column into rows, and so on (recursive
 * XY cut). Boxes that no cut separates follow each other by their upper edges.
 */
export function sortForReading<T>(items: readonly T[], edgesOf: (item: T) => Edges, order: ReadingOrder): T[] {
  const boxes = items.map((item) => ({ item, edges: edgesOf(item) }));
  return sortBoxes(boxes, order).map(({ item }) => item);
}

interface Box<T> {
  readonly item: T;
  readonly edges: Edges;
}

function sortBoxes<T>(boxes: readonly Box<T>[], order: ReadingOrder): Box<T>[] {
  if (boxes.length <= MAX_BOXES_TO_CUT) {
    const rows = cut(boxes, ({ top, bottom }) => [top, bottom]);
    if (rows.length > 1) return rows.flatMap((row) => sortBoxes(row, order));
    const columns = cut(boxes, ({ left, right }) => [left, right]);
    if (order === 'rtl') columns.reverse();
    if (columns.length > 1) return columns.flatMap((column) => sortBoxes(column, order));
  }
  const sign = order === 'rtl' ? -1 : 1;
  return boxes.toSorted((a, b) => a.edges.top - b.edges.top || sign * (a.edges.left - b.edges.left));
}

type Range = readonly [start: number, end: number];

/** Cuts boxes along an axis into groups that hardly overlap. */
function cut<T>(boxes: readonly Box<T>[], rangeOf: (edges: Edges) => Range): Box<T>[][] {
  const sorted = boxes
    .map((box) => ({ box, range: rangeOf(box.edges) }))
    .sort((a, b) => a.range[0] + a.range[1] - (b.range[0] + b.range[1]));
  const groups: Box<T>[][] = [];
  let start = 0;
  for (let i = 1; i <= sorted.length; i++) {
    const [group, rest] = [sorted.slice(start, i), sorted.slice(i)];
    if (!group.every((earlier) => rest.every((later) => isApart(earlier.range, later.range)))) continue;
    groups.push(group.map(({ box }) => box));
    start = i;
  }
  return groups;
}

function isApart(earlier: Range, later: Range): boolean {
  const shorter = Math.min(earlier[1] - earlier[0], later[1] - later[0]);
  return earlier[1] - later[0] <= MAX_OVERLAP * shorter;
}

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DownsampledSeries } from '../../src/training-report/downsampled-series.ts';

describe('a downsampled series', () => {
  const makeSeries = (count: number, value: (x: number) => number) => {
    const series = new DownsampledSeries();
    for (let x = 1; x <= count; x++) series.add(x, value(x));
    return series;
  };

  it('is the series itself where it is short', () => {
    const line = makeSeries(500, (x) => x % 7).points();
    assert.deepEqual(
      line,
      Array.from({ length: 500 }, (_, i) => [i + 1, (i + 1) % 7]),
    );
  });

  it('keeps the highest and lowest values, the length and the ends of a long series', () => {
    const series = makeSeries(123_456, (x) => (x === 5_000 ? 9 : x === 100_000 ? -9 : Math.sin(x)));
    const line = series.points();
    assert.ok(line.length > 250 && line.length <= 1000);
    assert.ok(line.some(([x, y]) => x === 5_000 && y === 9) && line.some(([x, y]) => x === 100_000 && y === -9));
    assert.ok(line.every(([x], i) => i === 0 || x > line[i - 1]![0]));
    assert.deepEqual([series.firstX, series.lastX, series.length], [1, 123_456, 123_456]);
    assert.deepEqual(series.summary, { first: Math.sin(1), last: Math.sin(123_456), lowest: -9, highest: 9 });
  });

  it('keeps the length of a constant series', () => {
    const line = makeSeries(5_000, () => 3).points();
    assert.deepEqual(
      [line[0], line.at(-1)],
      [
        [1, 3],
        [5_000, 3],
      ],
    );
  });

  it('ignores values that are not finite beside finite ones, and has a gap where all are not finite', () => {
    const series = makeSeries(2_000, (x) => (x % 3 === 0 ? Number.NaN : x % 500 < 100 ? Number.POSITIVE_INFINITY : 2));
    for (const points of [series.points(), series.movingAverage()]) {
      assert.deepEqual(new Set(points.map(([, y]) => y)), new Set([null, 2]));
      assert.ok(points.filter(([, y]) => y === null).length < points.length / 3);
    }
    assert.equal(makeSeries(3, () => Number.NaN).summary, null);
  });

  it('has a moving average over the neighbourhood of each bucket', () => {
    assert.ok(
      makeSeries(100_000, (x) => x % 2)
        .movingAverage()
        .every(([, y]) => y === 0.5),
    );
    const average = makeSeries(400, (x) => x).movingAverage();
    assert.deepEqual(average[200], [201, 201]);
    assert.deepEqual(average[0], [1, 5]);
  });
});

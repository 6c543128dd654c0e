import { CounterRandom } from '../../../util/counter-random.ts';
import { layOutByUmap, type Neighbours, type Place } from '../../../vector-analysis/umap-layout.ts';
import { type VectorRows, vectorOf } from '../../../vector-analysis/vector-rows.ts';
import { findClusterCentres, nearestCentre } from './cluster-centres.ts';
import { type LandmarkNeighbours, NearestLandmarks } from './nearest-landmarks.ts';
import { startPlaces } from './start-places.ts';

/** The default of UMAP: how many panels around a panel decide its place. */
const UMAP_NEIGHBOURS = 15;
/** With fewer rows UMAP has nothing to keep near: they lie by their principal components. */
const MIN_UMAP_ROWS = 10;
/** Landmarks that decide the place of any other row. Of more, one that is between two groups would lie between them. */
const PLACING_NEIGHBOURS = 5;
/** Keeps the weight of an equal landmark finite: such a row lies on it. */
const MIN_SQUARED_DISTANCE = 1e-6;

/** Where rows lie. */
export interface Placement {
  /** x and y of each row */
  readonly places: Float32Array;
  readonly clusters: Uint8Array;
  /** Squared distance of each row to the centre of its cluster */
  readonly centreDistances: Float32Array;
}

/**
 * A map in two dimensions. UMAP places the landmarks, by their cosine distances. Any other row lies at the mean of its five
 * nearest landmarks, weighted by the inverse of their squared distance. The same landmarks and seed give the same map.
 */
export class MapLayout implements AsyncDisposable {
  readonly #landmarks: VectorRows;
  readonly #nearest: NearestLandmarks;
  readonly #landmarkPlaces: readonly Place[];
  readonly #centres: readonly Float32Array[];

  private constructor(
    landmarks: VectorRows,
    nearest: NearestLandmarks,
    landmarkPlaces: readonly Place[],
    centres: readonly Float32Array[],
  ) {
    this.#landmarks = landmarks;
    this.#nearest = nearest;
    this.#landmarkPlaces = landmarkPlaces;
    this.#centres = centres;
  }

  /** @param landmarks at least one unit vector */
  static async fit(landmarks: VectorRows, seed: number): Promise<MapLayout> {
    const nearest = await NearestLandmarks.open(landmarks);
    const count = landmarks.values.length / landmarks.dimensions;
    let places = startPlaces(landmarks, seed);
    if (count >= MIN_UMAP_ROWS) {
      const found = await nearest.find(landmarks.values, Math.min(UMAP_NEIGHBOURS, count - 1));
      places = layOutByUmap(toNeighbours(found, count), new CounterRandom('map', seed), places);
    }
    return new MapLayout(landmarks, nearest, places, findClusterCentres(landmarks, seed));
  }

  /** Where the landmarks lie. */
  placeLandmarks(): Placement {
    return this.#withClusters(Float32Array.from(this.#landmarkPlaces.flat()), this.#landmarks.values);
  }

  /** Where other rows lie. */
  async place(vectors: Float32Array): Promise<Placement> {
    const found = await this.#nearest.find(vectors, Math.min(PLACING_NEIGHBOURS, this.#landmarkPlaces.length));
    const rows = vectors.length / this.#landmarks.dimensions;
    const places = new Float32Array(2 * rows);
    for (let row = 0; row < rows; row++) places.set(this.#weightedMean(found, row), 2 * row);
    return this.#withClusters(places, vectors);
  }

  #weightedMean({ count, indexes, cosines }: LandmarkNeighbours, row: number): Place {
    let [x, y, total] = [0, 0, 0];
    for (let i = row * count; i < (row + 1) * count; i++) {
      const weight = 1 / Math.max(MIN_SQUARED_DISTANCE, 2 - 2 * (cosines[i] ?? 0));
      const [landmarkX, landmarkY] = this.#landmarkPlaces[indexes[i] ?? 0] ?? [0, 0];
      x += weight * landmarkX;
      y += weight * landmarkY;
      total += weight;
    }
    return [x / total, y / total];
  }

  #withClusters(places: Float32Array, values: Float32Array): Placement {
    const { dimensions } = this.#landmarks;
    const rows = values.length / dimensions;
    const [clusters, centreDistances] = [new Uint8Array(rows), new Float32Array(rows)];
    for (let row = 0; row < rows; row++)
      [clusters[row], centreDistances[row]] = nearestCentre(vectorOf({ dimensions, values }, row), this.#centres);
    return { places, clusters, centreDistances };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#nearest[Symbol.asyncDispose]();
  }
}

/** The neighbours of landmarks among themselves. A landmark is its own first neighbour, also where others are equal to it. */
function toNeighbours({ count, indexes, cosines }: LandmarkNeighbours, rows: number): Neighbours {
  const neighbours = Array.from({ length: rows }, (_, row) => {
    const found = Array.from(indexes.subarray(row * count, (row + 1) * count), (index, i) => ({
      index,
      distance: Math.max(0, 1 - (cosines[row * count + i] ?? 0)),
    }));
    const others = found.filter(({ index }) => index !== row).slice(0, count - 1);
    return [{ index: row, distance: 0 }, ...others];
  });
  return {
    indexes: neighbours.map((row) => row.map(({ index }) => index)),
    distances: neighbours.map((row) => row.map(({ distance }) => distance)),
  };
}

import path from 'node:path';
import { type BridgeLevel, bridge, describeCandidates, PAGE_IDS } from './bridge.ts';
import { noneBridged } from './index-report.ts';
import type { Manifest } from './manifest.ts';
import { type PanelFiles, panelFile, scanPanelFiles } from './panel-files.ts';
import type { Watch } from './watch.ts';

/** Which file holds a page's panels; or why none is chosen. */
export type FoundPanels =
  | { readonly file: string }
  | { readonly reason: 'no_panels' | 'ambiguous' | 'conflict'; readonly detail?: string };

interface Claim {
  readonly row: number;
  readonly id: string;
  readonly level: BridgeLevel;
}

/** Finds the panel files of a manifest's pages. */
export class PanelLookup {
  readonly #root: string;
  readonly #manifest: Manifest;
  /** By row of the manifest: whether there is a file of exactly its id */
  readonly #exact: Uint8Array;
  /** By row: files that only a bridge led to */
  readonly #claims = new Map<number, Claim>();
  readonly #problems = new Map<number, Exclude<FoundPanels, { readonly file: string }>>();
  readonly bridged = noneBridged();
  #files: PanelFiles = { files: 0, links: 0 };

  private constructor(root: string, manifest: Manifest) {
    this.#root = path.resolve(root);
    this.#manifest = manifest;
    this.#exact = new Uint8Array(manifest.ids.length);
  }

  /**
   * @param wanted by row of the manifest: 1 where the page's panels are wanted
   * @param bridged whether the file of an id that is written differently may be a page's
   * @throws PanelvecError naming the folder that cannot be read; the signal's reason
   */
  static async find(
    root: string,
    manifest: Manifest,
    { wanted, bridged }: { readonly wanted: Uint8Array; readonly bridged: boolean },
    watch: Watch = {},
  ): Promise<PanelLookup> {
    const lookup = new PanelLookup(root, manifest);
    const others: string[] = [];
    const onFile = (id: string) => {
      const row = manifest.rowOf.get(id);
      if (row !== undefined) lookup.#exact[row] = 1;
      else if (bridged) others.push(id);
    };
    lookup.#files = await scanPanelFiles(lookup.#root, onFile, watch);
    if (bridged) await lookup.#bridge(wanted, others, watch);
    return lookup;
  }

  get files(): PanelFiles {
    return this.#files;
  }

  /** Of a page that was wanted */
  of(row: number): FoundPanels {
    if (this.#exact[row] === 1) return { file: panelFile(this.#root, this.#manifest.ids[row]!) };
    const claim = this.#claims.get(row);
    if (claim !== undefined) return { file: panelFile(this.#root, claim.id) };
    return this.#problems.get(row) ?? { reason: 'no_panels' };
  }

  async #bridge(wanted: Uint8Array, others: string[], watch: Watch): Promise<void> {
    const { ids } = this.#manifest;
    const rows: number[] = [];
    for (const [row, isWanted] of wanted.entries()) if (isWanted === 1 && this.#exact[row] === 0) rows.push(row);
    if (rows.length === 0 || this.#files.files === 0) return;
    // The system lists folders in any order, and what is reported must not depend on it.
    others.sort();
    const exact = this.#exact;
    function* candidates() {
      for (const [row, id] of ids.entries()) if (exact[row] === 1) yield id;
      yield* others;
    }
    const pages = rows.map((row) => ids[row]!);
    const claims = new Map<string, Claim>();
    await bridge(pages, candidates, PAGE_IDS, watch, (place, bridged) => {
      const [id] = bridged.candidates;
      const claim: Claim = { row: rows[place]!, id: id!, level: bridged.level };
      if (bridged.count > 1) {
        const detail = `its panel file could be ${describeCandidates(bridged)}`;
        this.#problems.set(claim.row, { reason: 'ambiguous', detail });
        return;
      }
      const owner = this.#manifest.rowOf.get(claim.id);
      const rival = claims.get(claim.id);
      claims.set(claim.id, claim);
      if (owner !== undefined) this.#contest(claim, owner);
      else if (rival !== undefined) {
        this.#contest(claim, rival.row);
        this.#contest(rival, claim.row);
      } else {
        this.#claims.set(claim.row, claim);
        this.bridged[claim.level]++;
      }
    });
  }

  /** A file cannot be that of two pages. */
  #contest({ row, id, level }: Claim, rival: number): void {
    if (this.#claims.delete(row)) this.bridged[level]--;
    const detail = `the panel file ${JSON.stringify(id)} could as well be that of ${JSON.stringify(this.#manifest.ids[rival])}`;
    this.#problems.set(row, { reason: 'conflict', detail });
  }
}

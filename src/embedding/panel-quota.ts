/** What the caller of a request may still embed. */
export interface PanelQuota {
  /**
   * Counts panels or texts before they are embedded. The returned function takes them back.
   * @throws PanelvecError quota_exceeded
   */
  take(panels: number): () => void;
}

/** Embeds panels that count if they are embedded, all or none. @throws PanelvecError quota_exceeded before anything is done */
export async function withQuota<T>(quota: PanelQuota | undefined, panels: number, embed: () => Promise<T>): Promise<T> {
  const takeBack = quota?.take(panels);
  try {
    return await embed();
  } catch (error) {
    takeBack?.();
    throw error;
  }
}

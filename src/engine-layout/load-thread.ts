/** The thread that asks a service for vectors while a layout is measured. In the service's own thread it would slow that down. */
import { parentPortEndpoint } from '../process/endpoint.ts';
import { serveRpc } from '../process/rpc.ts';
import { drawPictures } from './draw-pictures.ts';

export interface Load {
  readonly address: string;
  readonly model: string;
  /** Requests at a time */
  readonly callers: number;
  readonly windowMs: number;
}

export type LoadMethods = {
  /** Embeds pictures until the window ends. @returns pictures a second */
  measure(load: Load): number;
};

const pictures = await drawPictures();
let sent = 0;

async function measure({ address, model, callers, windowMs }: Load): Promise<number> {
  const url = new URL(`/v1/embeddings/image?model=${encodeURIComponent(model)}`, address);
  let done = 0;
  const start = performance.now();
  const call = async () => {
    // One at least: a window is over before a slow model has computed the first.
    do {
      const body = pictures[sent++ % pictures.length];
      const response = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'image/jpeg' } });
      const text = await response.text();
      if (!response.ok) throw new Error(`a picture was refused while the layout was measured: ${text}`);
      done++;
    } while (performance.now() - start < windowMs);
  };
  await Promise.all(Array.from({ length: callers }, call));
  return (1000 * done) / (performance.now() - start);
}

serveRpc<LoadMethods>(parentPortEndpoint(), { measure });

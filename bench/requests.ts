import { drawPanel } from './draw-panel.ts';

/** What a request has one panel of: the picture alone, or text and place with it. */
export const PANEL_KINDS = ['image', 'multimodal'] as const;
export type PanelKind = (typeof PANEL_KINDS)[number];

/** Description and lettering as a page has them, over 32 and under 64 tokens long. */
export const PANEL_TEXT =
  'Two travellers stand on a hill above the town at sunset and argue over the way. ' +
  'We should have taken the road by the river! It is late.';

/** Aspect ratio, area, position, two shots that nobody measured, centre */
export const PANEL_COMPOSITION: readonly number[] = [1.333, 0.21, 0.2, 0, 0, 0.31, 0.42];

export interface PanelRequest {
  readonly path: string;
  readonly type: string;
  readonly body: Buffer;
}

export async function panelRequest(kind: PanelKind): Promise<PanelRequest> {
  const jpeg = await drawPanel();
  if (kind === 'image') return { path: '/v1/embeddings/image', type: 'image/jpeg', body: jpeg };
  const form = new FormData();
  const panel = { image: 'panel', text: PANEL_TEXT, composition: PANEL_COMPOSITION };
  form.set('request', JSON.stringify({ input: [panel] }));
  form.set('panel', new Blob([new Uint8Array(jpeg)], { type: 'image/jpeg' }), 'panel.jpg');
  const written = new Response(form);
  const type = written.headers.get('content-type')!;
  return { path: '/v1/embeddings/panel', type, body: Buffer.from(await written.arrayBuffer()) };
}

/** The sample of /metrics that both servers give. */
export const EVENT_LOOP_P99 = 'panelvec_event_loop_delay_seconds{quantile="0.99"}';

/** How late a server's event loop was since it was last asked: reading the figure starts it anew. */
export async function readEventLoopP99Ms(address: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', address))).text();
  const line = text.split('\n').find((sample) => sample.startsWith(`${EVENT_LOOP_P99} `));
  if (line === undefined) throw new Error(`${address}/metrics has no ${EVENT_LOOP_P99}`);
  return Number(line.slice(EVENT_LOOP_P99.length)) * 1000;
}

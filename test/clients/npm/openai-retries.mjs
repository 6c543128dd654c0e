/** What the npm package openai does where the queue of the service is full. Arguments: address, model. */
import OpenAI, { RateLimitError } from 'openai';

const [address, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${address}/v1`, apiKey: 'unused' });
const input = Array.from({ length: 8 }, (_, i) => `text ${i}`);
const embed = (maxRetries) => client.embeddings.create({ model, input }, { maxRetries });

const refused = (await Promise.allSettled(Array.from({ length: 40 }, () => embed(0)))).flatMap(
  ({ reason }) => reason ?? [],
);
const patient = await Promise.all(Array.from({ length: 4 }, () => embed(20)));
console.log(
  JSON.stringify({
    areRateLimits: refused.every((error) => error instanceof RateLimitError),
    refused: refused.map(({ status, code, type, headers }) => ({
      status,
      code,
      type,
      retryAfter: headers.get('retry-after'),
    })),
    counts: patient.map(({ data }) => data.length),
  }),
);

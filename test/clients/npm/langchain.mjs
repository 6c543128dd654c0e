/** What users of @langchain/openai do. Arguments: address, model. */
import { OpenAIEmbeddings } from '@langchain/openai';

const [address, model] = process.argv.slice(2);
const embeddings = new OpenAIEmbeddings({
  model,
  apiKey: 'unused',
  maxRetries: 0,
  configuration: { baseURL: `${address}/v1` },
});
const documents = Array.from({ length: 1100 }, (_, i) => `text\n${i % 7}`);

const vectors = await embeddings.embedDocuments(documents);
console.log(
  JSON.stringify({
    batchSize: embeddings.batchSize,
    count: vectors.length,
    second: vectors[1],
    last: vectors.at(-1),
    query: await embeddings.embedQuery('text 1'),
  }),
);

const INPUT_OF_TOKEN_IDS = /"input"\s*:\s*\[\s*\[?\s*\d/;

/** What to tell those who send ids in place of texts. LangChain sends ids of OpenAI's tokenizer, which mean other words here. */
export const TOKEN_IDS_MESSAGE =
  'these are token ids, and the service cannot know of which vocabulary: send texts (with OpenAIEmbeddings of LangChain, set check_embedding_ctx_length=False)';

/** Whether the text of a request seems to have token ids in place of texts; for errors before it is parsed. */
export function hasTokenIds(json: string): boolean {
  return INPUT_OF_TOKEN_IDS.test(json);
}

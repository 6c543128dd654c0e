import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { ServedModels } from '../../src/embedding/served-models.ts';
import type { EvaluationResult } from '../../src/evaluation/evaluation-result.ts';
import { evaluateSpecSchema } from '../../src/jobs/evaluate/evaluate-spec.ts';
import { resolveEvaluate } from '../../src/jobs/evaluate/resolve-evaluate.ts';
import { runJob } from '../../src/jobs/worker/run-job.ts';
import { openResources } from '../../src/jobs/worker/worker-resources.ts';
import { createTestConfig, silentLogger } from './in-process-service.ts';
import { type Corpus, type CorpusOptions, makeCorpus } from './make-corpus.ts';
import { makeTinyModel, type TinyModelOptions } from './tiny-model.ts';

/** A corpus, the tiny model, and a worker's resources, for evaluations without a service. */
export interface EvaluationBench extends AsyncDisposable {
  readonly home: string;
  readonly corpus: Corpus;
  /** Runs an evaluation of the corpus. Resolves with its result. */
  evaluate(output: string, fields: object, signal?: AbortSignal): Promise<EvaluationResult>;
  readArtifact(output: string, name: string): Promise<string>;
}

export async function openEvaluationBench(
  pages: number,
  options: CorpusOptions & TinyModelOptions = {},
): Promise<EvaluationBench> {
  const [corpus, tinyModel] = await Promise.all([makeCorpus(pages, options), makeTinyModel(options)]);
  const { home, name } = tinyModel;
  const config = createTestConfig({ PANELVEC_HOME: home, PANELVEC_MODELS: name, PANELVEC_DATA_ROOTS: corpus.folder });
  const models = await ServedModels.load(config.models, config.home);
  const resources = await openResources(config, undefined, silentLogger);
  const context = {
    home,
    dataRoots: config.dataRoots,
    getModel: (model: string | undefined) => models.find(model).model,
  };
  const readArtifact = (output: string, file: string) => readFile(path.join(home, 'evaluations', output, file), 'utf8');
  return {
    home,
    corpus,
    readArtifact,
    async evaluate(output, fields, signal = new AbortController().signal) {
      const request = evaluateSpecSchema.parse({ type: 'evaluate', output, dataset: corpus.dataset, ...fields });
      const spec = await resolveEvaluate(request, context);
      await runJob(spec, { resources, signal, log: silentLogger, onProgress: () => {} });
      return JSON.parse(await readArtifact(output, 'evaluation.json'));
    },
    async [Symbol.asyncDispose]() {
      await resources.close();
      await corpus.remove();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** The thread of an evaluation process that computes. */
import pLimit from 'p-limit';
import { parentPortEndpoint } from '../../process/endpoint.ts';
import { serveRpc } from '../../process/rpc.ts';
import { measureEvaluation } from '../measure-evaluation.ts';
import { computeVectors } from '../vectors/compute-vectors.ts';
import type { EvaluatorMethods } from './evaluator-messages.ts';

const oneAtATime = pLimit(1);
serveRpc<EvaluatorMethods>(parentPortEndpoint(), {
  computeVectors: (plan) => oneAtATime(computeVectors, plan),
  measure: (plan) => oneAtATime(measureEvaluation, plan),
});

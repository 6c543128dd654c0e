/** The thread of a baseline's process that computes. */
import { parentPortEndpoint } from '../../../process/endpoint.ts';
import { serveRpc } from '../../../process/rpc.ts';
import { trainMethod } from '../../../training/trainer-process/train-method.ts';
import { computeBaselineVectors } from '../baseline-vectors.ts';
import { V1_HEAD } from '../v1-head.ts';
import type { BaselineMethods } from './baseline-messages.ts';

serveRpc<BaselineMethods>(parentPortEndpoint(), {
  train: trainMethod(V1_HEAD),
  vectors: ({ trained, views }) => computeBaselineVectors(trained, views),
});

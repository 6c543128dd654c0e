import { type ErrorCode, PanelvecError } from '../errors.ts';
import type { Artifact } from './job.ts';

/** An error over the data of a job, with the reports that tell more about it. It fails the job at once. */
export class JobFailure extends PanelvecError {
  readonly artifacts: readonly Artifact[];

  constructor(code: ErrorCode, message: string, param: string, artifacts: readonly Artifact[]) {
    super(code, message, { param });
    this.artifacts = artifacts;
  }
}

import { PanelvecError } from '../errors.ts';

/** A graph that cannot be: shapes or types that do not fit, a name used twice. The message names the node. */
export class GraphError extends PanelvecError {
  constructor(message: string) {
    super('graph_invalid', message);
    this.name = 'GraphError';
  }
}

import type { ChildProcess } from 'node:child_process';
import { parentPort, type Worker } from 'node:worker_threads';
import { firstLine } from '../errors.ts';
import { describeExit, hasExited, waitForExit } from './child-process.ts';

/** One end of a channel between two processes or two threads. What is sent at one end arrives at the other, in order. */
export interface Endpoint {
  /** @throws Error where the message cannot be copied */
  send(message: object): void;
  onMessage(listener: (message: object) => void): void;
  /** Resolves with the reason when the other end is gone. */
  readonly closed: Promise<string>;
}

/**
 * The channel to a child process, which must have been forked. Messages to a child that has ended are dropped.
 * @param onSendError for a message that could not be sent although the child runs
 */
export function childEndpoint(child: ChildProcess, onSendError: () => void = () => {}): Endpoint {
  return {
    send(message) {
      // A child that could not be started has no channel.
      if (child.pid === undefined) return;
      child.send(message, (error) => {
        if (error && !hasExited(child)) onSendError();
      });
    },
    onMessage: (listener) => void child.on('message', listener),
    closed: waitForExit(child).then(describeExit),
  };
}

/** The channel from a child process to its parent. Messages to a parent that is gone are dropped. */
export function parentEndpoint(): Endpoint {
  return {
    send(message) {
      if (process.connected) process.send?.(message, () => {});
    },
    onMessage: (listener) => void process.on('message', listener),
    closed: new Promise((resolve) => process.once('disconnect', () => resolve('disconnected'))),
  };
}

/** The channel to a worker thread. */
export function workerEndpoint(worker: Worker): Endpoint {
  return {
    send: (message) => worker.postMessage(message),
    onMessage: (listener) => void worker.on('message', listener),
    closed: new Promise((resolve) => {
      worker.once('error', (error) => resolve(firstLine(error)));
      worker.once('exit', (code) => resolve(`exit code ${code}`));
    }),
  };
}

/** The channel from a worker thread to the thread that started it. */
export function parentPortEndpoint(): Endpoint {
  const port = parentPort;
  if (port === null) throw new Error('this code runs in a worker thread only');
  return {
    send: (message) => port.postMessage(message),
    onMessage: (listener) => void port.on('message', listener),
    closed: new Promise((resolve) => port.once('close', () => resolve('closed'))),
  };
}

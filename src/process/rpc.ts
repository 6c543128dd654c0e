/** Remote procedure calls between processes or threads: requests with ids, and responses in any order. */
import { type ErrorCode, firstLine, PanelvecError } from '../errors.ts';
import type { Endpoint } from './endpoint.ts';

/**
 * The methods of a server, as functions by name; both sides use the same type. The first parameter is what is sent with the
 * request; the second, where there is one, reports events to the client while the request runs.
 */
export type RpcMethods = Readonly<Record<string, RpcMethod>>;

type RpcMethod = (params: never, emit: never) => unknown;
type ParamsOf<Method extends RpcMethod> = Parameters<Method>[0];
type EventOf<Method extends RpcMethod> = Parameters<Method>[1] extends (event: infer Event) => void ? Event : never;

interface RpcError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly param: string | undefined;
  readonly retryAfterSeconds: number | undefined;
}

type ClientMessage =
  | { readonly type: 'request'; readonly id: number; readonly method: string; readonly params: unknown }
  | { readonly type: 'cancel'; readonly id: number };

type ServerMessage =
  | { readonly type: 'event'; readonly id: number; readonly event: unknown }
  | { readonly type: 'result'; readonly id: number; readonly result: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: RpcError };

export interface RequestOptions<Event> {
  /** Cancels the request: the signal of its handler is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** After an abort: reject at once (the default), or wait for the server, which may have to finish something first. */
  readonly onAbort?: 'reject' | 'wait';
  /** Called for each event that the server reports while the request runs. */
  onEvent?(event: Event): void;
}

interface PendingRequest {
  resolve(result: unknown): void;
  reject(error: unknown): void;
  onEvent?(event: unknown): void;
  removeAbortListener(): void;
}

/** Sends requests to the server at the other end. An endpoint has one client at most. */
export class RpcClient<Methods extends RpcMethods> {
  readonly #endpoint: Endpoint;
  readonly #pending = new Map<number, PendingRequest>();
  #nextId = 0;
  #closeError: Error | undefined;

  /** @param toError makes the error of pending and later requests, from the reason why the other end is gone */
  constructor(endpoint: Endpoint, toError: (reason: string) => Error) {
    this.#endpoint = endpoint;
    endpoint.onMessage((message) => this.#receive(message as ServerMessage));
    void endpoint.closed.then((reason) => this.#close(toError(reason)));
  }

  /** @throws PanelvecError of the server; request_cancelled after an abort; the error of `toError` */
  request<Name extends keyof Methods & string>(
    method: Name,
    params: ParamsOf<Methods[Name]>,
    options: RequestOptions<EventOf<Methods[Name]>> = {},
  ): Promise<ReturnType<Methods[Name]>> {
    const { signal, onAbort = 'reject', onEvent } = options;
    if (signal?.aborted) return Promise.reject(cancelledError(signal));
    if (this.#closeError !== undefined) return Promise.reject(this.#closeError);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const cancel = () => {
        this.#send({ type: 'cancel', id });
        if (onAbort === 'reject') this.#take(id)?.reject(cancelledError(signal));
      };
      signal?.addEventListener('abort', cancel, { once: true });
      const removeAbortListener = () => signal?.removeEventListener('abort', cancel);
      this.#pending.set(id, { resolve, reject, onEvent, removeAbortListener });
      try {
        this.#send({ type: 'request', id, method, params });
      } catch (error) {
        this.#take(id)?.reject(error);
      }
    });
  }

  #send(message: ClientMessage): void {
    this.#endpoint.send(message);
  }

  #receive(message: ServerMessage): void {
    if (message.type === 'event') this.#pending.get(message.id)?.onEvent?.(message.event);
    else if (message.type === 'result') this.#take(message.id)?.resolve(message.result);
    else if (message.type === 'error') this.#take(message.id)?.reject(fromRpcError(message.error));
  }

  #take(id: number): PendingRequest | undefined {
    const request = this.#pending.get(id);
    this.#pending.delete(id);
    request?.removeAbortListener();
    return request;
  }

  #close(error: Error): void {
    this.#closeError = error;
    for (const id of this.#pending.keys()) this.#take(id)?.reject(error);
  }
}

/** What a handler can use besides the parameters. */
export interface RequestContext<Event> {
  /** Aborted when the client cancels the request or is gone. */
  readonly signal: AbortSignal;
  readonly emit: (event: Event) => void;
}

export type RpcHandlers<Methods extends RpcMethods> = {
  readonly [Name in keyof Methods]: (
    params: ParamsOf<Methods[Name]>,
    context: RequestContext<EventOf<Methods[Name]>>,
  ) => ReturnType<Methods[Name]> | Promise<ReturnType<Methods[Name]>>;
};

type AnyHandler = (params: unknown, context: RequestContext<unknown>) => unknown;

/** Calls the handler of each request, in the order in which requests arrive, and sends its result or error. */
export function serveRpc<Methods extends RpcMethods>(endpoint: Endpoint, handlers: RpcHandlers<Methods>): void {
  const controllers = new Map<number, AbortController>();
  const send = (message: ServerMessage) => endpoint.send(message);
  const handle = async ({ id, method, params }: ClientMessage & { type: 'request' }) => {
    const controller = new AbortController();
    controllers.set(id, controller);
    try {
      const handler = (handlers as Readonly<Record<string, AnyHandler>>)[method];
      if (handler === undefined) throw new Error(`there is no method "${method}"`);
      const emit = (event: unknown) => send({ type: 'event', id, event });
      send({ type: 'result', id, result: await handler(params, { signal: controller.signal, emit }) });
    } catch (error) {
      send({ type: 'error', id, error: toRpcError(error) });
    } finally {
      controllers.delete(id);
    }
  };
  endpoint.onMessage((message) => {
    const clientMessage = message as ClientMessage;
    if (clientMessage.type === 'request') void handle(clientMessage);
    else if (clientMessage.type === 'cancel') controllers.get(clientMessage.id)?.abort();
  });
  void endpoint.closed.then(() => {
    for (const controller of controllers.values()) controller.abort();
  });
}

function toRpcError(error: unknown): RpcError {
  const { code, param, retryAfterSeconds } =
    error instanceof PanelvecError ? error : new PanelvecError('internal', firstLine(error));
  return { code, message: firstLine(error), param, retryAfterSeconds };
}

function fromRpcError({ code, message, param, retryAfterSeconds }: RpcError): PanelvecError {
  return new PanelvecError(code, message, { param, retryAfterSeconds });
}

function cancelledError(signal: AbortSignal | undefined): PanelvecError {
  return new PanelvecError('request_cancelled', 'the request was cancelled', { cause: signal?.reason });
}

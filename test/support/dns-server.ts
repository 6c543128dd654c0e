import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { type Answer, decode, encode, RECURSION_DESIRED } from 'dns-packet';

/** What a name server answers to one question; an empty list for a name that it does not have */
export type DnsAnswers = (name: string, type: 'A' | 'AAAA') => readonly Answer[];

/** A name server on loopback that says whatever a test wants it to. */
export class DnsServer implements AsyncDisposable {
  /** By question: `A images.test` */
  readonly questions: string[] = [];
  answers: DnsAnswers = () => [];
  readonly #socket = createSocket('udp4');

  static async start(): Promise<DnsServer> {
    const server = new DnsServer();
    server.#socket.on('message', (message, { port, address }) => {
      const { id, questions = [] } = decode(message);
      const [question] = questions;
      if (question?.type !== 'A' && question?.type !== 'AAAA') return;
      server.questions.push(`${question.type} ${question.name}`);
      const answers = [...server.answers(question.name, question.type)];
      const reply = encode({ type: 'response', id: id ?? 0, flags: RECURSION_DESIRED, questions, answers });
      server.#socket.send(reply, port, address);
    });
    server.#socket.bind(0, '127.0.0.1');
    await once(server.#socket, 'listening');
    return server;
  }

  createResolver(): Resolver {
    const resolver = new Resolver({ timeout: 2000, tries: 1 });
    resolver.setServers([`127.0.0.1:${this.#socket.address().port}`]);
    return resolver;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }
}

/** The answers of a server that has one address for all names, and none of the other kind. */
export function everyNameIs(address: string): DnsAnswers {
  const ownType = address.includes(':') ? 'AAAA' : 'A';
  return (name, type) => (type === ownType ? [{ name, type, data: address }] : []);
}

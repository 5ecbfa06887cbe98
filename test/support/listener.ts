import { text } from 'node:stream/consumers';
import { type FaultServer, startFaultServer } from './fault-server.ts';

/** An address outside that takes messages, as a webhook or a heartbeat service does. */
export interface Listener extends FaultServer {
  received: { path: string; query: string; body: string }[];
  /** What it answers. */
  answer: string;
}

export async function startListener(): Promise<Listener> {
  const server = await startFaultServer(async (request, response, { path, query }) => {
    listener.received.push({ path, query: String(query), body: await text(request) });
    response.end(listener.answer);
  });
  const listener: Listener = Object.assign(server, { received: [], answer: 'ok' });
  return listener;
}

import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { type BackupResult, backup } from '../../src/backup.ts';
import { openCrm } from '../../src/dump/crm/open-crm.ts';
import { crmAddress } from '../../src/source/crm-api/address.ts';
import type { CrmApi } from '../../src/source/crm-api/carry.ts';
import { patience } from '../../src/source/crm-api/passing.ts';
import { type FaultServer, startFaultServer } from './fault-server.ts';
import type { Workplace } from './workplace.ts';

/** A CRM as the mission describes it, on loopback and without a database, whose answers can be made to go wrong. */

export const apiKey = 'the-key-of-the-fake-crm-4711';

export interface Received {
  line: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export type Answering = (response: ServerResponse, crm: FakeCrm) => void;

export class FakeCrm implements AsyncDisposable {
  readonly server: FaultServer;
  readonly received: Received[] = [];
  /** Pauses that the client made, milliseconds. */
  readonly pausesMs: number[] = [];
  lastId = 16;
  document: Record<string, unknown> = {};
  /** Instead of the ordinary answers. */
  onPatch: Answering | null = null;
  onDownload: Answering | null = null;
  onList: Answering | null = null;

  constructor(server: FaultServer) {
    this.server = server;
    this.refill(3);
  }

  /** Gives it so many enquiries, and a document of now. */
  refill(enquiries: number) {
    this.document = {
      enquiries: Array.from({ length: enquiries }, (_, index) => ({ id: index + 1, name: `n${index}` })),
      staff: [{ id: 1, email: 'ada@crm.test' }],
      timestamp: new Date().toISOString(),
      version: '1.0',
      trigger: 'scheduled',
    };
  }

  /** As it was at first, but for `lastId`. */
  reset() {
    Object.assign(this, { onPatch: null, onDownload: null, onList: null });
    [this.received.length, this.pausesMs.length] = [0, 0];
    this.server.fault = null;
    this.refill(3);
  }

  get bytes(): Buffer {
    return Buffer.from(JSON.stringify(this.document));
  }

  get metadata(): Record<string, unknown> {
    return {
      id: this.lastId,
      size_kb: 1,
      type: 'Auto',
      status: true,
      enquiry_count: (this.document['enquiries'] as unknown[]).length,
      created_at: this.document['timestamp'],
      digest: `sha256:${createHash('sha256').update(this.bytes).digest('hex')}`,
    };
  }

  api(options: { downloadPath?: string; timeoutMs?: number; appUrl?: string } = {}): CrmApi {
    const { downloadPath = '/api/admin/backup/{id}', timeoutMs = 2000, appUrl = this.server.url } = options;
    return {
      address: crmAddress({ appUrl, apiKey, backupPath: '/api/admin/backup', downloadPath, timeoutMs }),
      database: null,
      patience: { ...patience, sleep: async (ms) => void this.pausesMs.push(ms) },
      fetch,
    };
  }

  async [Symbol.asyncDispose]() {
    await this.server.close();
  }
}

export async function startFakeCrm(): Promise<FakeCrm> {
  const crm: FakeCrm = new FakeCrm(
    await startFaultServer(async (request, response, { method, path }) => {
      const body = await textOf(request);
      crm.received.push({ line: `${method} ${path}`, headers: request.headers, body });
      if (method === 'PATCH') {
        if (crm.onPatch) return crm.onPatch(response, crm);
        crm.lastId += 1;
        crm.document = { ...crm.document, timestamp: new Date().toISOString() };
        return json(response, 201, { success: true, backup: crm.metadata });
      }
      if (path === '/api/admin/backup') {
        return crm.onList ? crm.onList(response, crm) : json(response, 200, { backups: [crm.metadata] });
      }
      if (crm.onDownload) return crm.onDownload(response, crm);
      send(response, 200, 'application/json; charset=utf-8', crm.bytes);
    }),
  );
  return crm;
}

export function json(response: ServerResponse, status: number, body: unknown) {
  send(response, status, 'application/json', JSON.stringify(body));
}

export function send(response: ServerResponse, status: number, type: string, body: string | Buffer) {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

/** Takes a backup of it, into the store and the ledger of a workplace. */
export function backUp(place: Workplace, api: CrmApi, trigger = 'schedule'): Promise<BackupResult> {
  const run = { ...place.deps.run, trigger };
  return backup(
    { ...place.deps, run },
    { database: 'crm', recipients: [place.recipient], holdfast: 'test', open: openCrm(api) },
  );
}

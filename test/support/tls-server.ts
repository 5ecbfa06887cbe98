import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { serverAccount } from '../../src/scratch/account.ts';
import { startEmbeddedPostgres } from '../../src/scratch/embedded.ts';
import { run } from './servers.ts';

export interface TlsServer extends AsyncDisposable {
  /** Superuser URL by the name `localhost`, for which the certificate is. */
  url: string;
  /** A certificate, key or other file that was made: `authority.crt`, `client.key`. */
  file(name: string): string;
  /** Lets the server show another certificate: `server`, `expired`, or null for no TLS at all. */
  show(certificate: 'server' | 'expired' | null): Promise<void>;
}

/** Who may log in how; the rest of the tests' users may either way. */
const rules = `
hostssl   all tls_only   127.0.0.1/32 scram-sha-256
hostnossl all plain_only 127.0.0.1/32 scram-sha-256
hostssl   all certified  127.0.0.1/32 cert
host      all postgres   127.0.0.1/32 scram-sha-256
`;

/** A PostgreSQL 15 with TLS, whose certificate is signed by an authority of our own. */
export async function startTlsServer(): Promise<TlsServer> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-tls-'));
  const file = (name: string) => join(folder, name);
  await writeFile(file('hba.conf'), rules);
  await writeFile(file('none.pem'), 'no certificate\n');
  makeAuthority(folder, 'authority');
  makeAuthority(folder, 'stranger');
  sign(folder, { name: 'server', days: 2 });
  sign(folder, { name: 'expired', days: -1 });
  sign(folder, { name: 'client', days: 2, commonName: 'certified' });
  const account = serverAccount();
  for (const path of [folder, ...readdirSync(folder).map(file)]) {
    if (path.endsWith('.key')) chmodSync(path, 0o600);
    if (account) chownSync(path, account.uid, account.gid);
  }
  const server = await startEmbeddedPostgres({ major: 15, settings: { hba_file: file('hba.conf') } });
  const show: TlsServer['show'] = async (certificate) => {
    const settings = certificate
      ? { ssl: 'on', ssl_cert_file: file(`${certificate}.crt`), ssl_key_file: file(`${certificate}.key`) }
      : { ssl: 'off' };
    const all = { ...settings, ssl_ca_file: file('authority.crt') };
    for (const [name, value] of Object.entries(all))
      await run(server.url, `ALTER SYSTEM SET ${name} = '${value}'`);
    await run(server.url, 'SELECT pg_reload_conf()');
    // A session inherits what the server has loaded, so a new one tells when it has.
    const isLoaded = async () => {
      const rows = await run(server.url, 'SELECT name, setting FROM pg_settings');
      return Object.entries(all).every(([name, value]) =>
        rows.some((row) => row['name'] === name && row['setting'] === value),
      );
    };
    while (!(await isLoaded())) await delay(20);
  };
  await show('server');
  return {
    url: server.url.replace('127.0.0.1', 'localhost'),
    file,
    show,
    async [Symbol.asyncDispose]() {
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

function openssl(folder: string, ...args: string[]) {
  execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
}

function makeAuthority(folder: string, name: string) {
  const out = ['-keyout', `${name}.key`, '-out', `${name}.crt`];
  openssl(folder, 'req', '-x509', ...newKey, '-subj', `/CN=Test ${name}`, '-days', '2', ...out);
}

function sign(folder: string, certificate: { name: string; days: number; commonName?: string }) {
  const { name, days, commonName = 'localhost' } = certificate;
  const subject = ['-subj', `/CN=${commonName}`, '-addext', 'subjectAltName=DNS:localhost'];
  openssl(folder, 'req', ...newKey, ...subject, '-keyout', `${name}.key`, '-out', `${name}.csr`);
  const authority = ['-CA', 'authority.crt', '-CAkey', 'authority.key', '-CAcreateserial'];
  const request = ['-req', '-in', `${name}.csr`, '-copy_extensions', 'copy'];
  openssl(folder, 'x509', ...request, ...authority, '-days', String(days), '-out', `${name}.crt`);
}

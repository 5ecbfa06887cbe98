import { ConfigError } from '../../lib/errors.ts';

/** Where a CRM is asked for its backups, and with what. */
export interface CrmAddress {
  backup: URL;
  /** Null: the CRM has no route to download a backup. */
  download: ((id: string) => URL) | null;
  /** Of `x-api-key`. Never in a message. */
  apiKey: string;
  /** For one request, its body included. */
  timeoutMs: number;
}

export interface CrmSettings {
  appUrl: string;
  apiKey: string;
  backupPath: string;
  /** `{id}` stands for the backup; `off`: there is none. */
  downloadPath: string;
  timeoutMs: number;
}

const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** @throws ConfigError when the address can't be asked without giving the key away, or makes no sense */
export function crmAddress({ appUrl, apiKey, backupPath, downloadPath, timeoutMs }: CrmSettings): CrmAddress {
  const key = apiKey.trim();
  if (!/^[\x20-\x7e]+$/.test(key)) {
    throw invalid(
      'The CRM’s API key is empty, or holds a character that no HTTP header can have.',
      'api-key',
    );
  }
  const base = baseOf(appUrl);
  if (downloadPath !== 'off' && !downloadPath.includes('{id}')) {
    throw invalid(
      'download-path does not say where the id of the backup goes.',
      'download-path, as in …/{id}',
    );
  }
  return {
    backup: new URL(base + backupPath),
    download:
      downloadPath === 'off'
        ? null
        : (id) => new URL(base + downloadPath.replaceAll('{id}', encodeURIComponent(id))),
    apiKey: key,
    timeoutMs,
  };
}

/** Origin and path, without a slash at the end. */
function baseOf(appUrl: string): string {
  const url = URL.parse(appUrl.trim());
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw invalid('app-url is no address of a web application.', 'app-url, as in https://crm.example.com');
  }
  if (url.username || url.password || url.search || url.hash) {
    throw invalid(
      'app-url holds more than an address: a user, a password, a query or a fragment.',
      'app-url',
    );
  }
  if (url.protocol === 'http:' && !loopback.test(url.hostname)) {
    throw invalid('app-url is not https: the API key and all customers would travel in clear.', 'app-url');
  }
  return url.origin + url.pathname.replace(/\/+$/, '');
}

function invalid(message: string, field: string): ConfigError {
  return new ConfigError(`${message} Nothing was read or written.`, {
    hint: `Mend ${field} of the database in holdfast.yml, or the secret behind it.`,
    publicReason: 'the address or the key of the CRM is not valid',
  });
}

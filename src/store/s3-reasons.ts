/** Why a bucket could not be reached or did not do as asked, in words that may be public, and what to do about it. */

export interface Reason {
  reason: string;
  hint: string;
}

const expired: Reason = {
  reason: 'the credentials have expired',
  hint: 'Let the job take its role right before the backup, and make the role session longer than the backup takes.',
};
const overloaded: Reason = {
  reason: 'the service is overloaded or has a fault of its own',
  hint: 'It was asked several times. Run it again later.',
};
const corrupted: Reason = {
  reason: 'the bytes did not arrive as they were sent',
  hint: 'The service refused them. Run it again; if it stays so, look at proxies and at the memory of the machine.',
};
const region: Reason = {
  reason: 'the bucket is in another region',
  hint: 'Set `region` to that of the bucket.',
};
const lookAtKey =
  'Look at `kms-key-id`: the key must be enabled, in the region of the bucket, and the credentials may use it.';

/** By the code of S3's answer; one without a body has only its status. */
export const answers: Record<string, Reason> = {
  NoSuchBucket: {
    reason: 'there is no such bucket',
    hint: 'Look at `bucket`, `region` and `endpoint` of the store.',
  },
  AccessDenied: { reason: 'permission denied', hint: '' },
  '403': { reason: 'permission denied', hint: '' },
  AllAccessDisabled: {
    reason: 'the account is closed or blocked',
    hint: 'Ask the provider.',
  },
  InvalidAccessKeyId: {
    reason: 'the access key is not known there',
    hint: 'Look at `access-key-id` and at `endpoint`: a key of one provider is unknown to another.',
  },
  SignatureDoesNotMatch: {
    reason: 'the secret access key does not fit the access key',
    hint: 'Look at `secret-access-key`: a character missing, a line end at its end, or the secret of another key.',
  },
  RequestTimeTooSkewed: {
    reason: 'the clock of this machine is wrong',
    hint: 'S3 allows 15 minutes. Set the clock, then run it again.',
  },
  ExpiredToken: expired,
  ExpiredTokenException: expired,
  InvalidToken: { ...expired, reason: 'the session token is not valid' },
  TokenRefreshRequired: expired,
  InvalidIdentityToken: {
    reason: 'the role could not be taken through OIDC',
    hint: 'The workflow needs `permissions: id-token: write`, and the role must trust this repository.',
  },
  PermanentRedirect: region,
  TemporaryRedirect: region,
  AuthorizationHeaderMalformed: region,
  IllegalLocationConstraintException: region,
  '301': region,
  '307': region,
  SlowDown: overloaded,
  ServiceUnavailable: overloaded,
  InternalError: overloaded,
  RequestTimeout: { reason: 'the connection was too slow', hint: overloaded.hint },
  '500': overloaded,
  '502': overloaded,
  '503': overloaded,
  '504': overloaded,
  BadDigest: corrupted,
  XAmzContentSHA256Mismatch: corrupted,
  XAmzContentChecksumMismatch: corrupted,
  InvalidObjectState: {
    reason: 'the object is in cold storage',
    hint: 'Have it brought back (S3: Initiate restore), wait, then run it again. Or use another copy.',
  },
  InvalidStorageClass: { reason: 'the storage class is not known there', hint: 'Look at `storage-class`.' },
  EntityTooLarge: { reason: 'the object is too large', hint: 'Add a store without that limit.' },
  QuotaExceeded: { reason: 'the storage is full', hint: 'Free space or raise the limit.' },
  XMinioStorageFull: { reason: 'the storage is full', hint: 'Free space or raise the limit.' },
  '507': { reason: 'the storage is full', hint: 'Free space or raise the limit.' },
  NotImplemented: {
    reason: 'the provider does not know what was asked',
    hint: 'Look at `storage-class`, `server-side-encryption` and `object-lock-days`: not every provider has them.',
  },
  ObjectLockConfigurationNotFoundError: {
    reason: 'the bucket has no object lock',
    hint: 'Turn it on for the bucket, or leave `object-lock-days` out.',
  },
  'KMS.DisabledException': { reason: 'the encryption key is disabled', hint: lookAtKey },
  'KMS.NotFoundException': { reason: 'there is no such encryption key', hint: lookAtKey },
};

const unreachable: Reason = {
  reason: 'it does not answer',
  hint: 'Look at `endpoint` and at the firewall, then run it again.',
};
const cut: Reason = { reason: 'the connection was cut', hint: 'It was tried several times. Run it again.' };
const noAddress: Reason = {
  reason: 'its address is not known',
  hint: 'Look at `endpoint`, `region` and the name of the bucket, and at the name service of this machine.',
};
const certificate: Reason = {
  reason: 'its certificate can’t be trusted',
  hint: 'Look at `endpoint`. For a private authority set NODE_EXTRA_CA_CERTS to its certificate.',
};

/** By the code of the network's error. */
export const networkReasons: [RegExp, Reason][] = [
  [/^(ENOTFOUND|EAI_AGAIN|EAI_FAIL)$/, noAddress],
  [/^ECONNREFUSED$/, { ...unreachable, reason: 'it refuses connections' }],
  [/^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|TimeoutError)$/, unreachable],
  [/^(ECONNRESET|EPIPE|ECONNABORTED|HPE_.+)$/, cut],
  [/^(CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|ERR_TLS_|HOSTNAME_MISMATCH)/, certificate],
  [
    /^(EPROTO|ERR_SSL_)/,
    { reason: 'it does not speak TLS as expected', hint: 'Look at `endpoint`: http or https, and the port.' },
  ],
];

export const noCredentials: Reason = {
  reason: 'there are no credentials',
  hint:
    'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or `access-key-id` and `secret-access-key` of the store to other ' +
    'variables, or let the job take a role through OIDC, which sets them in its environment.',
};

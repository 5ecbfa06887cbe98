/** What pg_dump's libpq is told in place of a server's login, which `pg` has done long ago on the real connection. */

const negotiationCodes = new Set([80877103, 80877104]); // SSLRequest, GSSENCRequest
const cancelCode = 80877102;

/** What a first packet asks for; the code is its second word. */
export function kindOfFirstPacket(packet: Uint8Array): 'negotiation' | 'cancel' | 'startup' {
  const code = Buffer.from(packet).readUInt32BE(4);
  if (negotiationCodes.has(code)) return 'negotiation';
  return code === cancelCode ? 'cancel' : 'startup';
}

/** AuthenticationOk, the server's ParameterStatus values, ReadyForQuery. */
export function greeting(parameters: Iterable<readonly [string, string]>): Buffer {
  const message = (type: string, body: Buffer) => {
    const head = Buffer.alloc(5, type);
    head.writeUInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  };
  const status = [...parameters].map(([name, value]) => message('S', Buffer.from(`${name}\0${value}\0`)));
  return Buffer.concat([message('R', Buffer.alloc(4)), ...status, message('Z', Buffer.from('I'))]);
}

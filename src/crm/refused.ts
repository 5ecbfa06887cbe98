/** A request that is answered with something other than success on purpose. Anything else that is thrown is a failure. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  /** A fixed word for programs. */
  readonly code: string;
  /** The field, header or parameter to mend; null when it is none of them. */
  readonly field: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** More for programs, beside the message. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { field?: string; headers?: Record<string, string>; details?: Record<string, unknown> } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.field = more.field ?? null;
    this.headers = more.headers ?? {};
    this.details = more.details ?? {};
  }
}

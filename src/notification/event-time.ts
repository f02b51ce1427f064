import { unexpected } from './fields.ts';

/** Date and time to the second, a fraction of any length, and `Z`, an offset, or neither. */
const ISO_TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):?(\d\d))?$/;

/**
 * The form that the ledger stores, which is the one that S3 writes, with a date that exists in any year: nothing else can be made of it, and
 * almost every event's time can be taken as it is.
 */
const STORED_FORM =
  /^(?:19[7-9]\d|[2-9]\d{3})-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)T(?:[01]\d|2[0-3])(?::[0-5]\d){2}\.\d{3}Z$/;

const MINUTE = 60_000;

/**
 * The event's time in the one form that the ledger stores: ISO 8601, UTC, milliseconds. Equal instants give equal
 * strings, and strings sort as instants do, which is why the years are held to 1970 to 9999.
 *
 * S3 writes milliseconds and `Z`, EventBridge seconds, Ceph microseconds. moto writes no zone at all: taken as UTC,
 * never as the zone of the machine that happens to read it. What is finer than a millisecond is cut off.
 *
 * @throws {UnreadableMessageError} with reason `bad-event-record`.
 */
export function eventTimeFrom(value: unknown, path: string): string {
  // Stryker disable next-line ConditionalExpression,EqualityOperator,StringLiteral: a short cut; what it takes, the rest takes alike.
  if (typeof value === 'string' && STORED_FORM.test(value)) return value;
  const match = typeof value === 'string' ? ISO_TIME.exec(value) : null;
  if (match === null) return notATime(path, value);
  // Stryker disable next-line StringLiteral: the expression has always matched it.
  const [, local = '', fraction = '', sign, hours, minutes] = match;
  // Stryker disable next-line MethodExpression: Date.parse cuts off the rest too, but ECMAScript does not say that it must.
  const written = Date.parse(`${local}.${fraction.padEnd(3, '0').slice(0, 3)}Z`);
  // Date.parse rolls impossible dates over (30 February is 2 March), so the date has to come back as it was written.
  if (Number.isNaN(written) || !new Date(written).toISOString().startsWith(local)) return notATime(path, value);

  // Stryker disable next-line ArithmeticOperator: dividing by 1 or -1 is multiplying by it.
  const offset = sign === undefined ? 0 : (Number(hours) * 60 + Number(minutes)) * MINUTE * (sign === '-' ? -1 : 1);
  const time = new Date(written - offset);
  const year = time.getUTCFullYear();
  return year >= 1970 && year <= 9999 ? time.toISOString() : notATime(path, value);
}

function notATime(path: string, value: unknown): never {
  return unexpected(path, 'an ISO 8601 time from 1970 to 9999', value);
}

import { type AddressLike, formatAddress } from "../net/address.ts";
import { NetError } from "../net/errors.ts";
import { parseAddress } from "../net/parse_address.ts";

/**
 * The addresses of a client: at least one.
 *
 * @throws {TypeError} If one of them is not an address, or there is none.
 */
export function addressList(
  address: AddressLike | readonly AddressLike[],
): readonly AddressLike[] {
  if (!isList(address)) return [address];
  if (address.length === 0) {
    throw new TypeError("Cannot use address: expected at least one, got none");
  }
  // One that is bad must not be found only when the others have failed.
  for (const one of address) parseAddress(one);
  return address;
}

/** `Array.isArray` does not know arrays that are read-only. */
function isList(
  address: AddressLike | readonly AddressLike[],
): address is readonly AddressLike[] {
  return Array.isArray(address);
}

/**
 * Connects to the first of some addresses that answers, one after the other. Each
 * attempt has an equal share of the time that is left, so that an address which
 * does not answer at all leaves time for the others.
 *
 * @throws {NetError} If none answers: with what each answered.
 */
export async function connectToOne<T>(
  addresses: readonly AddressLike[],
  timeoutMs: number,
  signal: AbortSignal | undefined,
  connect: (address: AddressLike, timeoutMs: number) => Promise<T>,
): Promise<T> {
  const until = performance.now() + timeoutMs;
  const errors: NetError[] = [];
  for (const address of addresses) {
    const leftMs = Math.max(until - performance.now(), 1);
    const share = leftMs / (addresses.length - errors.length);
    try {
      return await connect(address, Math.ceil(share));
    } catch (error) {
      if (signal?.aborted || !(error instanceof NetError)) throw error;
      errors.push(error);
    }
  }
  throw errors.length > 1 ? noneAnswered(addresses, errors) : errors[0];
}

/** The error of a client that has tried all its addresses. */
function noneAnswered(
  addresses: readonly AddressLike[],
  errors: readonly NetError[],
): NetError {
  const answers = addresses.map((address, i) => {
    const { code, message } = errors[i]!;
    return `${formatAddress(parseAddress(address))}: ${code}, ${message}`;
  });
  return new NetError(
    errors.at(-1)!.code,
    `Cannot connect to any of ${addresses.length} addresses: ${
      answers.join("; ")
    }`,
    { cause: new AggregateError(errors) },
  );
}

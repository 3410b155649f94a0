import { type Address, formatAddress } from "../net/address.ts";
import { report } from "../net/report.ts";
import type { ServeOptions } from "./types.ts";

/** Tells the `onError` of a server of an error, or the console where there is none. */
export function tell(
  { onError = reportToConsole }: Pick<ServeOptions<never>, "onError">,
  error: unknown,
  peer: Address,
): void {
  report(error, () => onError(error, peer));
}

function reportToConsole(error: unknown, peer: Address): void {
  console.error(`framewire: serving ${formatAddress(peer)} failed:`, error);
}

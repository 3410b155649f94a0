import { checkChoice } from "../../../checks.ts";
import type { TlsOptions, TlsVersion } from "../../tls_types.ts";

const VERSIONS: readonly TlsVersion[] = ["TLSv1.2", "TLSv1.3"];

/** Before it, TLS of Bun verified too little, and lost bytes (oven-sh/bun #43015). */
const LEAST_BUN = [1, 4, 5];

/** Refuses a runtime whose TLS is not safe. */
export function checkRuntime(
  bun: string | undefined = (globalThis as { Bun?: { version: string } }).Bun
    ?.version,
): void {
  if (bun === undefined) return;
  const numbers = bun.split(".").map((part) => parseInt(part));
  const at = LEAST_BUN.findIndex((least, i) => numbers[i] !== least);
  if (at === -1 || numbers[at]! > LEAST_BUN[at]!) return;
  throw new TypeError(
    `Cannot use tls: expected Bun ${LEAST_BUN.join(".")} or newer, got ${bun}`,
  );
}

/** The options of both sides as `node:tls` takes them. */
export function commonOptions({ alpn, minVersion = "TLSv1.2" }: TlsOptions): {
  minVersion: TlsVersion;
  allowHalfOpen: boolean;
  ALPNProtocols?: string[];
} {
  checkChoice("tls.minVersion", minVersion, VERSIONS);
  const settings = { minVersion, allowHalfOpen: true } as const;
  if (alpn === undefined) return settings;
  const isList = Array.isArray(alpn) && alpn.length > 0 &&
    alpn.every((name) => typeof name === "string" && /^.{1,255}$/.test(name));
  if (!isList) {
    throw new TypeError(
      `Cannot use tls.alpn: expected names of protocols, got ${alpn}`,
    );
  }
  return { ...settings, ALPNProtocols: [...alpn] };
}

/** Certificates for tests, made by OpenSSL once for each process. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TlsCertificate } from "../../src/net/mod.ts";

/** Why tests with certificates are skipped; `false` where OpenSSL is there. */
export const noOpenSsl: false | string =
  spawnSync("openssl", ["version"]).status === 0
    ? false
    : "OpenSSL is not installed";

/** What the tests use. All but the strangers are issued by the authority `ca`. */
export interface Certificates {
  readonly ca: string;
  /** For `localhost` and `127.0.0.1`. */
  readonly server: TlsCertificate;
  /** For the same names. */
  readonly renewed: TlsCertificate;
  readonly otherName: TlsCertificate;
  readonly expired: TlsCertificate;
  readonly client: TlsCertificate;
  /** Those of another authority. */
  readonly strangeServer: TlsCertificate;
  readonly strangeClient: TlsCertificate;
}

const LOCAL = "DNS:localhost,IP:127.0.0.1";

/** Makes them. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "framewire-tls-"));
  try {
    const openssl = (...args: readonly string[]) => {
      const { status, stderr } = spawnSync("openssl", args, { cwd: folder });
      if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
    };
    const newKey = (name: string) => [
      ...["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ...["-keyout", `${name}.key`],
    ];
    const read = (file: string) => readFileSync(join(folder, file), "utf8");
    const authority = (name: string) =>
      openssl(
        ...["req", "-x509", ...newKey(name), "-out", `${name}.pem`],
        ...["-days", "2", "-subj", `/CN=${name}`],
      );
    const issue = (
      ca: string,
      name: string,
      subject: string,
      names: string,
      days = 1,
    ): TlsCertificate => {
      const request = ["req", ...newKey(name), "-out", `${name}.csr`];
      openssl(...request, "-subj", `/CN=${subject}`);
      writeFileSync(join(folder, `${name}.ext`), `subjectAltName=${names}\n`);
      openssl(
        ...["x509", "-req", "-in", `${name}.csr`, "-out", `${name}.pem`],
        ...["-CA", `${ca}.pem`, "-CAkey", `${ca}.key`, "-CAcreateserial"],
        ...["-days", `${days}`, "-extfile", `${name}.ext`],
      );
      return { cert: read(`${name}.pem`), key: read(`${name}.key`) };
    };
    authority("ca");
    authority("stranger");
    return {
      ca: read("ca.pem"),
      server: issue("ca", "server", "localhost", LOCAL),
      renewed: issue("ca", "renewed", "localhost", LOCAL),
      otherName: issue("ca", "other", "other.test", "DNS:other.test"),
      // It ended a day before it began.
      expired: issue("ca", "expired", "localhost", LOCAL, -1),
      client: issue("ca", "client", "alice", "DNS:alice"),
      strangeServer: issue("stranger", "server2", "localhost", LOCAL),
      strangeClient: issue("stranger", "client2", "mallory", "DNS:mallory"),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

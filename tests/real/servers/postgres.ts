/** PostgreSQL 15. */

import { execFile } from "node:child_process";
import { chownSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { noProgram } from "../../support/programs.ts";
import {
  type ServerProcess,
  startServer,
} from "../../support/server_process.ts";

const programs = "/usr/lib/postgresql/15/bin/";

/** Why tests with PostgreSQL are skipped; `false` where they are not. */
export const noPostgres: false | string = noProgram(`${programs}postgres`);

/** Who can log in. The database has all rights. */
export const postgresLogin = {
  user: "framewire",
  password: "secret",
  database: "postgres",
} as const;

/** It refuses to run as root; on Debian, this is `nobody`. */
const user = process.getuid?.() === 0 ? 65_534 : undefined;

/**
 * Starts PostgreSQL with a database of its own, which is kept over a kill.
 *
 * @param authentication How it asks for the password.
 */
export function startPostgres(
  authentication: "scram-sha-256" | "md5" | "password" = "scram-sha-256",
): Promise<ServerProcess> {
  return startServer("postgres", async ({ port, folder }) => {
    if (user !== undefined) chownSync(folder, user, user);
    const [data, password] = [join(folder, "data"), join(folder, "password")];
    writeFileSync(password, postgresLogin.password);
    await promisify(execFile)(`${programs}initdb`, [
      ...["--pgdata", data, "--username", postgresLogin.user],
      ...["--auth", authentication, "--pwfile", password],
      ...["--no-locale", "--encoding=UTF8", "--no-sync"],
    ], { cwd: folder, ...(user !== undefined && { uid: user, gid: user }) });
    return {
      command: [
        `${programs}postgres`,
        ...["-D", data, "-p", `${port}`, "-c", "listen_addresses=127.0.0.1"],
        ...["-c", "unix_socket_directories=", "-c", "fsync=off"],
      ],
      ready: "ready to accept connections",
      ...(user !== undefined && { user }),
    };
  });
}

/** PostgreSQL 15. */

import { execFile } from "node:child_process";
import { chownSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { noProgram } from "../../support/programs.ts";
import { freePlace, ServerProcess } from "../../support/server_process.ts";
import { until } from "../../support/until.ts";

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
export async function startPostgres(
  authentication: "scram-sha-256" | "md5" | "password" = "scram-sha-256",
): Promise<ServerProcess> {
  const place = await freePlace("postgres");
  const { port, folder } = place;
  if (user !== undefined) chownSync(folder, user, user);
  const [data, password] = [join(folder, "data"), join(folder, "password")];
  writeFileSync(password, postgresLogin.password);
  await promisify(execFile)(`${programs}initdb`, [
    ...["--pgdata", data, "--username", postgresLogin.user],
    ...["--auth", authentication, "--pwfile", password],
    ...["--no-locale", "--encoding=UTF8", "--no-sync"],
  ], { cwd: folder, ...(user !== undefined && { uid: user, gid: user }) });
  const server = new Postgres(place, {
    command: [
      `${programs}postgres`,
      ...["-D", data, "-p", `${port}`, "-c", "listen_addresses=127.0.0.1"],
      ...["-c", "unix_socket_directories=", "-c", "fsync=off"],
    ],
    ready: "ready to accept connections",
    ...(user !== undefined && { user }),
  });
  await server.start();
  return server;
}

class Postgres extends ServerProcess {
  /** Its other processes end by themselves a little later, and it refuses until then. */
  override async kill(): Promise<void> {
    await super.kill();
    await until(() => !isShared(join(this.folder, "data", "postmaster.pid")));
  }
}

/** Whether a process still uses the shared memory that a lock file tells of. */
function isShared(lockFile: string): boolean {
  const table = "/proc/sysvipc/shm";
  if (!existsSync(lockFile) || !existsSync(table)) return false;
  const [key, id] = readFileSync(lockFile, "utf8").split("\n")[6]
    ?.trim().split(/ +/) ?? [];
  return readFileSync(table, "utf8").split("\n").some((line) => {
    const [itsKey, itsId, , , , , users] = line.trim().split(/ +/);
    return itsKey === key && itsId === id && users !== "0";
  });
}

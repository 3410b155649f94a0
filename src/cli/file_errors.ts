import { UsageError } from "./errors.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "it is not allowed",
  EISDIR: "it is a directory",
};

/** The error of a file that cannot be read. */
export function cannotRead(file: string, cause: unknown): UsageError {
  return new UsageError(`Cannot read ${file}: ${reasonOf(cause)}`, { cause });
}

/** The error of a file that cannot be written. */
export function cannotWrite(file: string, cause: unknown): UsageError {
  return new UsageError(`Cannot write ${file}: ${reasonOf(cause)}`, { cause });
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const code = "code" in cause ? String(cause.code) : "";
  return REASONS[code] ?? cause.message;
}

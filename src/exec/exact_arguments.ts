import process from "node:process";

/**
 * Makes sure that what is started is what was registered and recorded. Deno's
 * `node:child_process` takes its own path, as the program or among the
 * arguments, for a Node program to run: it rewrites what comes after and adds
 * `-A`, all permissions.
 *
 * @throws {TypeError} If it would be rewritten.
 */
export function checkExactArguments(
  file: string,
  argv: readonly string[],
): void {
  if (!("Deno" in globalThis)) return;
  const { execPath } = process;
  if (file !== execPath && !argv.includes(execPath)) return;
  throw new TypeError(
    `Cannot start ${file}: Deno would rewrite arguments around its own path, ${execPath}; give another path to it, such as a symbolic link`,
  );
}

import process from "node:process";

/**
 * Makes sure that the program is started with the arguments that were registered
 * and recorded. Where the path of Deno itself is the program or an argument,
 * Deno's `node:child_process` assumes a Node program: it rewrites the arguments
 * behind it and adds `-A`, all permissions.
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

import { run } from "../testing/process.ts";

/** Runs a command and stops the build where it fails. */
export async function must(
  command: readonly [string, ...string[]],
  cwd: string,
): Promise<string> {
  const { ok, output } = await run(command, { cwd });
  if (!ok) throw new Error(`${command.join(" ")} failed:\n${output}`);
  return output;
}

/** Packs `folder` into a tarball inside `into` and returns its path. */
export async function makeTarball(
  folder: string,
  into: string,
): Promise<string> {
  const answer = await must(
    ["npm", "pack", "--json", "--silent", `--pack-destination=${into}`],
    folder,
  );
  const name = /"filename":\s*"([^"]+)"/.exec(answer)?.[1];
  if (name === undefined) throw new Error(`npm pack named no file:\n${answer}`);
  return `${into}/${name}`;
}

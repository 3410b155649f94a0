/** A project of a user: an empty folder with the package in it. */

import { assert, assertStringIncludes } from "@std/assert";
import { root, run } from "../../scripts/testing/process.ts";

/** Where the programs of the development packages are. */
export const bin: string = `${root}node_modules/.bin`;

/** A folder into which the package is installed as users do it. */
export class Project {
  /** The folder. */
  readonly folder: string;
  /** The tarball that is installed. */
  readonly tarball: string;

  private constructor(folder: string, tarball: string) {
    this.folder = folder;
    this.tarball = tarball;
  }

  /**
   * Makes a project with the programs of `tests/package/programs` and installs the
   * tarball that FRAMEWIRE_TARBALL names; without it one is packed first.
   */
  static async make(): Promise<Project> {
    const folder = await Deno.makeTempDir({ prefix: "framewire-user-" });
    const tarball = Deno.env.get("FRAMEWIRE_TARBALL") ?? await pack(folder);
    const project = new Project(folder, tarball);
    const programs = `${root}tests/package/programs`;
    for await (const { name } of Deno.readDir(programs)) {
      await Deno.copyFile(`${programs}/${name}`, `${folder}/${name}`);
    }
    await project.write(
      "package.json",
      JSON.stringify({ private: true, type: "module" }),
    );
    assertStringIncludes(
      await project.output([
        "npm",
        "install",
        "--no-audit",
        "--no-fund",
        tarball,
      ]),
      "added 1 package",
    );
    return project;
  }

  /** The folder of the installed package. */
  get installed(): string {
    return `${this.folder}/node_modules/@framewire/framewire`;
  }

  /** Writes a file of the project. */
  write(name: string, text: string): Promise<void> {
    return Deno.writeTextFile(`${this.folder}/${name}`, text);
  }

  /** Reads a file of the installed package. */
  read(name: string): Promise<string> {
    return Deno.readTextFile(`${this.installed}/${name}`);
  }

  /** Runs a command in the project, which must succeed, and returns what it prints. */
  async output(command: readonly [string, ...string[]]): Promise<string> {
    const { ok, output } = await run(command, {
      cwd: this.folder,
      timeoutMs: 120_000,
    });
    assert(ok, `${command.join(" ")} failed:\n${output}`);
    return output;
  }

  /** Removes the folder. */
  remove(): Promise<void> {
    return Deno.remove(this.folder, { recursive: true });
  }
}

/** The programs of the README. */
export async function readmeExamples(): Promise<string[]> {
  const readme = await Deno.readTextFile(`${root}README.md`);
  return [...readme.matchAll(/^```ts\n([^]*?)^```/gm)]
    .map(([, text = ""]) => text);
}

/** Packs into a folder. Tests that run at the same time do it beside each other. */
async function pack(into: string): Promise<string> {
  const name = crypto.randomUUID();
  const { ok, output } = await run([
    Deno.execPath(),
    "run",
    "--allow-all",
    `${root}scripts/pack.ts`,
    name,
  ]);
  assert(ok, `scripts/pack.ts failed:\n${output}`);
  const tarball = `${into}/package.tgz`;
  await Deno.copyFile(output.trimEnd().split("\n").at(-1) ?? "", tarball);
  await Deno.remove(`${root}npm/${name}`, { recursive: true });
  return tarball;
}

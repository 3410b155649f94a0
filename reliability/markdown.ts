import { root, run } from "../scripts/testing/process.ts";
import type { Measured } from "./report.ts";

/** Writes `docs/reliability.md`. */
export async function writeMarkdown(
  measured: readonly Measured[],
): Promise<void> {
  const lines = [
    "# Reliability",
    "",
    "What holds on each runtime, with the figure that shows it. `deno task reliability`",
    "measures the table again, and `deno task reliability --markdown` writes this page.",
    "The other side of each measurement is made of sockets by hand.",
    "`deno task reliability --sabotage` takes a wrong setting or a wrong server for each",
    "row, which then must fail.",
    "",
    `Measured on ${await machine()}.`,
    "",
    ...tableOf(measured),
    "",
    "What holds for several nodes while engines and nodes come and go is in",
    "[scale.md](scale.md).",
    "",
  ];
  await writePage("reliability", lines);
}

/** The table of what was measured, with a column for each runtime. */
export function tableOf(measured: readonly Measured[]): string[] {
  const runtimes = [...new Set(measured.map(({ runtime }) => runtime))];
  const byRow = Map.groupBy(measured, ({ row }) => row);
  return [
    `| what holds | bar | ${runtimes.join(" | ")} |`,
    `| --- | --- | ${runtimes.map(() => "---").join(" | ")} |`,
    ...[...byRow].map(([, all]) => {
      const [{ promise, bar }] = all as [Measured];
      const figures = runtimes.map((runtime) => {
        const one = all.find((one) => one.runtime === runtime);
        return one === undefined
          ? "-"
          : `${one.ok ? "" : "**fails**: "}${one.figure}`;
      });
      return `| ${[promise, bar, ...figures].map(cell).join(" | ")} |`;
    }),
  ];
}

/** Writes a page of `docs/`. */
export async function writePage(
  name: string,
  lines: readonly string[],
): Promise<void> {
  const path = `${root}docs/${name}.md`;
  await Deno.writeTextFile(path, lines.join("\n"));
  await run([Deno.execPath(), "fmt", "--quiet", path]);
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** The machine, and the versions. */
export async function machine(): Promise<string> {
  const info = await Deno.readTextFile("/proc/cpuinfo");
  const model = /^model name\s*: (.*)$/m.exec(info)?.[1] ?? "an unknown CPU";
  const cores = info.match(/^processor\s*:/gm)?.length ?? 1;
  const memory = /^MemTotal:\s+(\d+) kB/m.exec(
    await Deno.readTextFile("/proc/meminfo"),
  )?.[1];
  const gib = (Number(memory) / 2 ** 20).toFixed(0);
  const versions = await Promise.all(
    ["bun", "node"].map((name) =>
      run([`${root}node_modules/.bin/${name}`, "--version"])
    ),
  );
  const [bun, node] = versions.map(({ output }) => output.trim());
  return `${cores} cores of ${model}, ${gib} GiB, Linux ${Deno.osRelease()}, with Deno ${Deno.version.deno}, Bun ${bun} and Node ${
    node?.replace(/^v/, "")
  }, on ${new Date().toISOString().slice(0, 10)}`;
}

/** The pictures whose times differ from run to run. */

import { join } from "node:path";
import { commandOf } from "./still.ts";
import { Terminal } from "./terminal.ts";

/** Makes them in a folder, which is empty but for what they write there. */
export async function livePictures(
  folder: string,
): Promise<ReadonlyMap<string, string>> {
  Deno.chdir(folder);
  return new Map([
    ["proxy.svg", await proxyPicture()],
    ...await benchPictures(),
  ]);
}

/** A proxy that makes faults, and a client that talks through it. */
async function proxyPicture(): Promise<string> {
  await using _server = await Background.start(
    ["listen", "unix:app.sock", "--frame", "lines", "--echo", "--quiet"],
  );
  const args = [
    ...["proxy", "unix:watch.sock", "unix:app.sock", "-f", "lines"],
    ...["--fault", "drop=20%,dup=20%,delay=20ms..80ms"],
  ];
  const terminal = new Terminal();
  terminal.type(commandOf(args));
  const proxy = terminal.run(args);
  await exists("watch.sock");
  const client = new Terminal();
  await client.run(["send", "unix:watch.sock", ...WORDS]);
  terminal.interrupt();
  await proxy;
  return terminal.picture("proxy shows frames and makes faults");
}

const WORDS = ["hello", "world", "你好", "and so on", "until", "the end"];

/** A server that stands still for a while, and what `bench` says and draws of it. */
async function benchPictures(): Promise<(readonly [string, string])[]> {
  await using server = await Background.start(
    ["listen", "unix:echo.sock", "--frame", "length(4)", "--echo", "--quiet"],
  );
  const args = [
    ...["bench", "unix:echo.sock", "--frame", "length(4)", "--rate", "500"],
    ...["--duration", "5s", "--svg", "latency.svg"],
  ];
  const terminal = new Terminal();
  terminal.type(commandOf(args));
  const stop = setTimeout(() => server.standStill(1_000), 3_000);
  await terminal.run(args);
  clearTimeout(stop);
  return [
    ["bench.svg", terminal.picture("bench measures a server that stops")],
    ["latency.svg", await Deno.readTextFile("latency.svg")],
  ];
}

/** The command in a process of its own, until the end of its block. */
class Background implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
  }

  /** Starts it, and waits for the socket of its second argument. */
  static async start(args: readonly string[]): Promise<Background> {
    const source = new URL("../../src/cli/mod.ts", import.meta.url).href;
    const process = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", source, ...args],
      stdout: "null",
      stderr: "null",
    }).spawn();
    const started = new Background(process);
    await exists(args[1]!.replace("unix:", ""));
    return started;
  }

  /** Stops the process as a disk or a garbage collector does. */
  standStill(milliseconds: number): void {
    this.#process.kill("SIGSTOP");
    setTimeout(() => this.#process.kill("SIGCONT"), milliseconds);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.#process.status;
  }
}

/** Waits for a file. */
async function exists(path: string): Promise<void> {
  while (true) {
    try {
      await Deno.lstat(join(Deno.cwd(), path));
      return;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

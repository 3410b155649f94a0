import type { Tapped } from "./frame_tap.ts";
import type { Intake } from "./intake.ts";
import type { Outlet } from "./outlet.ts";
import type { Source } from "./source.ts";
import type { Stage } from "./stage.ts";

/** Passes chunks on as they come, and looks for frames in them beside that. */
export class Passing implements Stage {
  readonly #source: Source;
  readonly #intake: Intake;
  readonly #outlet: Outlet;

  /** Makes it between a source and an outlet. */
  constructor(source: Source, intake: Intake, outlet: Outlet) {
    this.#source = source;
    this.#intake = intake;
    this.#outlet = outlet;
  }

  start(): void {}

  data(chunk: Uint8Array): void {
    // A reply cannot come in this turn, so the frame is told before it in any case.
    this.#outlet.write(chunk);
    this.#tell(this.#intake.data(chunk));
  }

  end(): void {
    void this.#outlet.end();
    this.#tell(this.#intake.end());
    this.#intake.tellEnd();
    this.#flush();
  }

  fail(): void {
    void this.#outlet.reset();
    this.#tell(this.#intake.fail());
  }

  stop(): void {}

  #tell(all: readonly Tapped[]): void {
    const { way, watcher } = this.#intake;
    for (const tapped of all) watcher.passed(way, tapped, []);
    this.#flush();
  }

  #flush(): void {
    const flushed = this.#intake.watcher.flush();
    if (flushed !== undefined) this.#source.holdUntil(flushed);
  }
}

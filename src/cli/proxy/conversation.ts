import type { Channel } from "../../net/channel.ts";
import { nextTask } from "../../net/timer.ts";
import type { CloseInfo } from "../../net/types.ts";
import type { Direction } from "../faults/faults.ts";
import { Outlet } from "./outlet.ts";
import { Source } from "./source.ts";
import type { Stage } from "./stage.ts";

/** Makes what becomes of the bytes of a direction. */
export type MakeStage = (
  direction: Direction,
  source: Source,
  outlet: Outlet,
  reset: () => void,
) => Stage;

/** A client and a server, and what goes between them. */
export class Conversation {
  readonly #client: Channel;
  readonly #server: Channel;
  readonly #makeStage: MakeStage;

  /** Makes it of the two connections. */
  constructor(client: Channel, server: Channel, makeStage: MakeStage) {
    this.#client = client;
    this.#server = server;
    this.#makeStage = makeStage;
  }

  /** Passes all on, until both connections have ended. */
  async run(): Promise<void> {
    const toServer = this.#stage("toServer", this.#client, this.#server);
    const toClient = this.#stage("toClient", this.#server, this.#client);
    await Promise.all([
      use(this.#client, toServer).then(() => toClient.stage.stop()),
      use(this.#server, toClient).then(() => toServer.stage.stop()),
    ]);
  }

  /** Resets both connections. */
  abort(): void {
    this.#client.abort();
    this.#server.abort();
  }

  #stage(direction: Direction, from: Channel, to: Channel): Started {
    const source = new Source(from);
    const outlet = new Outlet(to, source);
    // A write is done before the system has its bytes.
    const reset = () => nextTask(() => this.abort());
    const stage = this.#makeStage(direction, source, outlet, reset);
    stage.start();
    return { source, stage };
  }
}

interface Started {
  readonly source: Source;
  readonly stage: Stage;
}

/** Gives what comes from a channel to a stage; resolves when the channel has ended. */
function use(channel: Channel, { stage, source }: Started): Promise<void> {
  return new Promise((resolve) => {
    channel.use({
      data: (chunk) => stage.data(chunk),
      end: () => stage.end(),
      cut: () => undefined,
      closed({ by, error }: CloseInfo) {
        if (by !== "local" && error !== undefined) stage.fail();
        resolve();
      },
      finish: () => Promise.resolve(),
    });
    source.renew();
  });
}

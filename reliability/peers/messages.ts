/** A server of requests. */
import process from "node:process";
import {
  type Commands,
  type MessageServerOptions,
  serveMessages,
} from "../../src/message/mod.ts";
import { answer, block, givenSettings } from "./control.ts";

interface Settings {
  readonly options?: Partial<MessageServerOptions<Commands>>;
  /** How long a request takes. */
  readonly workMs?: number;
  /** The grace time at SIGTERM. */
  readonly graceMs?: number;
}

const { options, workMs = 0, graceMs } = givenSettings<Settings>();
const closes: { at: number; by: string; error: string }[] = [];
let started = 0;

const server = await serveMessages({
  ...options,
  address: { port: 0 },
  handlers: {
    work: async (n) => {
      started++;
      if (workMs > 0) {
        await new Promise((resolve) => void setTimeout(resolve, workMs));
      }
      return n ?? null;
    },
  },
}, (_, connection) => {
  void connection.closed.then(({ by, error }) => {
    closes.push({ at: Date.now(), by, error: String(error) });
  });
});

process.on("SIGTERM", async () => {
  await server.close({ graceMs: graceMs! });
  process.exit();
});

await answer({ port: "port" in server.address ? server.address.port : 0 }, {
  report: () => ({ closes, started, open: server.peers.size }),
  block,
});

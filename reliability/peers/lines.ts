/** A server and a client of lines, each with a heartbeat of lines. */
import {
  createClient,
  type HeartbeatOptions,
  lines,
  serve,
} from "../../mod.ts";
import { answer, givenSettings } from "./control.ts";

const heartbeat: HeartbeatOptions<string> = {
  ...givenSettings<Pick<HeartbeatOptions<string>, "everyMs" | "timeoutMs">>(),
  ping: () => "PING",
  isPong: (line) => line === "PONG",
};
const closes: { at: number }[] = [];
let closedAt: number | undefined;

const server = await serve(
  { address: { port: 0 }, codec: lines(), heartbeat },
  (connection) => {
    void connection.closed.then(() => closes.push({ at: Date.now() }));
    return connection.forEach(() => undefined);
  },
);
const { address } = server;

await answer({ port: "port" in address ? address.port : 0 }, {
  report: () => ({ closes }),
  /** Connects to a server of lines and waits for it to fall silent. */
  watch: async (port: number) => {
    const client = await createClient({
      address: { port },
      codec: lines(),
      heartbeat,
    });
    void client.closed.then(() => closedAt = Date.now());
    void client.forEach(() => undefined).catch(() => undefined);
  },
  closedAt: () => closedAt,
});

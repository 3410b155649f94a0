/** An echo by the runtime's own sockets, to be compared with. */
import { listenRaw } from "../../bench/servers/sockets.ts";
import { answer, collectGarbage } from "./control.ts";

const port = await listenRaw(
  (write) => ({ data: (chunk) => void write(chunk), end() {} }),
  true,
);

await answer({ port }, { collectGarbage, timers: () => 0 });

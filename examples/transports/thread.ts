/** What `threads.ts` starts as a thread: counts the words of each line. */

import { workerData } from "node:worker_threads";
import { framed, json, lengthPrefixed } from "../../mod.ts";
import { messagePort } from "../../src/net/adapters/message_port.ts";

const main = framed(messagePort(workerData.port), json(lengthPrefixed()));
await main.forEach((text) => main.send(String(text).split(" ").length));
await main.close();

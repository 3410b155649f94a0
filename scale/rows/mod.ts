import type { ScaleRow } from "../row.ts";
import { comeback } from "./comeback.ts";
import { engineKill } from "./engine_kill.ts";
import { inProcess } from "./in_process.ts";
import { interest } from "./interest.ts";
import { model } from "./model.ts";
import { nodeKill } from "./node_kill.ts";
import { stoppedNode } from "./stopped_node.ts";
import { who } from "./who.ts";

/** All rows, in the order of the table. */
export const rows: readonly ScaleRow[] = [
  engineKill,
  nodeKill,
  comeback,
  stoppedNode,
  interest,
  who,
  inProcess,
  model,
];

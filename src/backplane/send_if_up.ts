import type { Engine } from "./engine.ts";
import { isUnavailable } from "./errors.ts";

/**
 * Sends what is not needed while the engine is away, or is sent again then.
 *
 * @param sender An engine, or a backplane.
 * @returns Whether it was sent.
 */
export function sendIfUp(
  sender: Pick<Engine, "state" | "send">,
  channel: string,
  bytes: Uint8Array,
): boolean {
  if (sender.state === "down") return false;
  try {
    sender.send(channel, bytes);
    return true;
  } catch (error) {
    if (!isUnavailable(error)) {
      console.error("framewire: a node could not send to another:", error);
    }
    return false;
  }
}

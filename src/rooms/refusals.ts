import { NetError } from "../net/errors.ts";
import type { RoomEvent, RoomRefusal } from "./protocol.ts";

/** What a name must be, for people. */
export const NAME_RULE: string =
  "A name is 1 to 32 letters, digits, _, - and .";

/** Nobody has the name that was given to `tell`. */
export const NOBODY: RoomEvent = refused(
  "NOBODY",
  "There is nobody of that name",
);

/** The refusal of a request. */
export function refused(
  code: RoomRefusal,
  reason: string,
  id?: string,
): RoomEvent {
  const refusal = { type: "refused", code, reason } as const;
  return id === undefined ? refusal : { ...refusal, id };
}

/** An answer, or the refusal where the engine or another node is away. */
export async function orUnavailable(
  answer: Promise<RoomEvent | undefined>,
  id?: string,
): Promise<RoomEvent | undefined> {
  try {
    return await answer;
  } catch (error) {
    return unavailableOr(error, id);
  }
}

/** The refusal where the engine or another node is away. */
export function unavailableOr(error: unknown, id?: string): RoomEvent {
  if (!(error instanceof NetError)) throw error;
  const reason = "The rooms cannot be reached for the moment: try again";
  return refused("UNAVAILABLE", reason, id);
}

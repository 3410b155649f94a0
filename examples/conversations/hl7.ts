/** What a sender and a receiver of HL7 version 2 share: the acknowledgements. */

import { type StandardSchema, text } from "../../mod.ts";
import {
  correlated,
  type Dialect,
  MessageError,
} from "../../src/message/mod.ts";
import { hl7Mllp } from "../../src/presets/mod.ts";

/** A message is a request, and its acknowledgement is the reply. */
export type Hl7Commands = {
  request: Record<"input" | "output", StandardSchema<string>>;
};

/** The acknowledgements that are no success (table 0008), and the codes of errors. */
const refusals: Readonly<Record<string, string>> = {
  AE: "APPLICATION_ERROR",
  AR: "APPLICATION_REJECT",
  CE: "COMMIT_ERROR",
  CR: "COMMIT_REJECT",
};

/** The fields of a segment; those of MSH are one place before their numbers. */
function fieldsOf(message: string, segment: "MSH" | "MSA"): string[] {
  const found = message.split("\r").find((line) => line.startsWith(segment));
  return found?.split(message[3]!) ?? [];
}

/** The acknowledgement of a message. Its own control id is the same with an A. */
export function acknowledge(message: string, code: string, why = ""): string {
  const [, escapes = "^~\\&", from, at, to, there, , , type, id = "", ...rest] =
    fieldsOf(message, "MSH");
  const [, event] = type?.split(escapes[0]!) ?? [];
  const ack = event === undefined ? "ACK" : `ACK${escapes[0]}${event}`;
  const head = ["MSH", escapes, to, there, from, at, "", "", ack, `${id}A`];
  // Nothing in the reason may look like the end of a field or a segment.
  const reason = why.replace(/[^\w .,:'"()-]/g, " ");
  const separator = message.startsWith("MSH") ? message[3] : "|";
  return [[...head, ...rest.slice(0, 2)], ["MSA", code, id, reason]]
    .map((fields) => `${fields.join(separator)}\r`).join("");
}

const controlIdOf = (message: string) => fieldsOf(message, "MSH")[9] ?? "";

/** The dialect: an acknowledgement has the control id of its message in MSA-2. */
export const hl7: Dialect<string> = correlated(text(hl7Mllp()), {
  idOf: (message) => fieldsOf(message, "MSA")[2] ?? controlIdOf(message),
  isReply: (message) => fieldsOf(message, "MSA").length > 0,
  // The program gives its messages their ids, which a repeated one keeps.
  nextId: (_last: string | undefined, message) => controlIdOf(message),
  withId: (message) => message,
  errorOf(message) {
    const [, code = "", , why = ""] = fieldsOf(message, "MSA");
    const refusal = refusals[code];
    return refusal === undefined ? undefined : new MessageError(refusal, why);
  },
  failed: ({ code, message: why }, message) =>
    acknowledge(message, code === "APPLICATION_REJECT" ? "AR" : "AE", why),
});

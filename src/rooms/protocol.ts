import { delimited } from "../codec/formats/delimited.ts";
import { json } from "../codec/views/json.ts";
import type { StandardSchema } from "../codec/views/standard_schema.ts";
import type { Codec, Encoder } from "../codec/types.ts";

/** A request of a client. */
export type RoomRequest =
  | {
    /** Takes a name, which must be the first of all. */
    readonly type: "name";
    /** The name. */
    readonly name: string;
  }
  | {
    /** Enters a room. */
    readonly type: "join";
    /** The room. */
    readonly room: string;
    /**
     * The position of the last message that the client has seen of the room: it wants
     * those after it. For rooms that keep what was said.
     */
    readonly since?: string;
  }
  | {
    /** Leaves a room, or asks who is there. */
    readonly type: "leave" | "who";
    /** The room. */
    readonly room: string;
  }
  | {
    /** Says something to all in a room. */
    readonly type: "say";
    /** The room, of which one must be a member. */
    readonly room: string;
    /** The text, in one line. */
    readonly text: string;
    /**
     * What tells it from all else that is said, such as `crypto.randomUUID()`; at most
     * 64 characters. Then it is answered with `sent` or `refused`. In rooms that keep
     * what was said, it can be said again with the same id, within two minutes, when the
     * answer was `UNAVAILABLE` or none: it is heard once.
     */
    readonly id?: string;
  }
  | {
    /** Says something to one member. */
    readonly type: "tell";
    /** To whom. */
    readonly to: string;
    /** The text, in one line. */
    readonly text: string;
  }
  | {
    /** Says nothing, so as not to be taken for gone. */
    readonly type: "ping";
  };

/** What was said in a room. */
export interface RoomMessage {
  /** What it is. */
  readonly type: "said";
  /** The room. */
  readonly room: string;
  /** Who said it. */
  readonly from: string;
  /** The text. */
  readonly text: string;
  /** When, in milliseconds since 1970. */
  readonly time: number;
  /** Its position, in rooms that keep what was said: for `since` of a later `join`. */
  readonly position?: string;
}

/**
 * Why a request was refused:
 *
 * - `NAME_INVALID`, `ROOM_INVALID`: it is no name that one may have.
 * - `NAME_TAKEN`: somebody else has the name, or one that looks the same.
 * - `NAMED_ALREADY`: names are for good.
 * - `NAME_MISSING`: everything else comes after a name.
 * - `MEMBER_ALREADY`, `NOT_MEMBER`: one is in the room already, or is not.
 * - `ROOM_FULL`, `TOO_MANY_ROOMS`: a limit is reached.
 * - `NOBODY`: no member has the name that was given to `tell`.
 * - `TEXT_INVALID`: the text is empty, too long, or could play tricks on a
 *   terminal.
 * - `ID_INVALID`: the id of what is said is empty, or longer than 64 characters.
 * - `UNAVAILABLE`: the system that connects the nodes of the service is away. Try
 *   again in a moment.
 */
export type RoomRefusal =
  | "NAME_INVALID"
  | "NAME_TAKEN"
  | "NAMED_ALREADY"
  | "NAME_MISSING"
  | "ROOM_INVALID"
  | "ROOM_FULL"
  | "TOO_MANY_ROOMS"
  | "MEMBER_ALREADY"
  | "NOT_MEMBER"
  | "NOBODY"
  | "TEXT_INVALID"
  | "ID_INVALID"
  | "UNAVAILABLE";

/** An event, or the answer to a request. */
export type RoomEvent =
  | RoomMessage
  | {
    /** The name is taken: the answer to `name`. */
    readonly type: "named";
    /** The name as it was taken. */
    readonly name: string;
  }
  | {
    /** The room is entered: the answer to `join`. */
    readonly type: "entered";
    /** The room. */
    readonly room: string;
    /** Who is there, this one too. */
    readonly names: readonly string[];
    /**
     * What was said after `since`, or the last of what was said where there was no
     * `since`; the oldest first.
     */
    readonly history: readonly RoomMessage[];
    /** The position of the end of the history, in rooms that keep what was said. */
    readonly position?: string;
    /**
     * Whether the history is all that was said after `since`. If not, it is what there
     * is. Only where there was a `since`.
     */
    readonly recovered?: boolean;
  }
  | {
    /**
     * What was said is kept, or has been sent: the answer to `say` with an id. It can
     * come before the message itself.
     */
    readonly type: "sent";
    /** The room. */
    readonly room: string;
    /** The id. */
    readonly id: string;
  }
  | {
    /** Something that was said in a room was lost, and cannot be had any more. */
    readonly type: "lost";
    /** The room. */
    readonly room: string;
  }
  | {
    /** Who is there: the answer to `who`. */
    readonly type: "members";
    /** The room. */
    readonly room: string;
    /** Their names. */
    readonly names: readonly string[];
  }
  | {
    /** Somebody has joined a room, or left it. */
    readonly type: "joined" | "left";
    /** The room. */
    readonly room: string;
    /** Who. */
    readonly name: string;
  }
  | {
    /** Somebody said something to one member: both are told. */
    readonly type: "told";
    /** Who said it. */
    readonly from: string;
    /** To whom. */
    readonly to: string;
    /** The text. */
    readonly text: string;
    /** When, in milliseconds since 1970. */
    readonly time: number;
  }
  | {
    /** A request was refused, and nothing has changed. */
    readonly type: "refused";
    /** Why, for programs. */
    readonly code: RoomRefusal;
    /** Why, for people. */
    readonly reason: string;
    /** The id of what was to be said, where it had one. */
    readonly id?: string;
  };

/** The most bytes of a request: a text is shorter. */
const MAX_REQUEST_LENGTH = 65_536;

/** The most bytes of an event: the names and the history of a room fit in. */
const MAX_EVENT_LENGTH = 4_194_304;

/** The fields that each request must have, all of them texts. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  name: ["name"],
  join: ["room"],
  leave: ["room"],
  who: ["room"],
  say: ["room", "text"],
  tell: ["to", "text"],
  ping: [],
};

/** The fields that some requests can have. */
const OPTIONAL_FIELDS = ["since", "id"];

/**
 * The format of a client of rooms: a line of JSON for each request and each
 * event.
 *
 * @example
 * ```ts
 * import { roomsCodec } from "@framewire/framewire/rooms";
 * import { assertEquals } from "@std/assert";
 *
 * const line = roomsCodec().encode({ type: "join", room: "lobby" });
 * assertEquals(
 *   new TextDecoder().decode(line),
 *   '{"type":"join","room":"lobby"}\n',
 * );
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, and
 * `MESSAGE_INVALID` for what is no JSON object with a type.
 *
 * @returns The codec.
 */
export function roomsCodec(): Codec<RoomRequest, RoomEvent> {
  return json<RoomRequest, RoomEvent>(
    jsonLines(MAX_EVENT_LENGTH),
    schema(eventIssue),
  );
}

/**
 * The other side of {@linkcode roomsCodec}. Events that were encoded already are sent
 * as they are.
 */
export function roomsServerCodec(): Codec<RoomEvent | Uint8Array, RoomRequest> {
  const events = json<RoomEvent, RoomEvent>(
    jsonLines(MAX_EVENT_LENGTH),
    schema(eventIssue),
  );
  const requests = json<RoomEvent, RoomRequest>(
    jsonLines(MAX_REQUEST_LENGTH),
    schema(requestIssue),
  );
  const encoder = events.encoder();
  const either: Encoder<RoomEvent | Uint8Array> = {
    encode(event, output) {
      if (event instanceof Uint8Array) output.write(event);
      else encoder.encode(event, output);
    },
  };
  return {
    ...requests,
    encoder: () => either,
    encode: (event) =>
      event instanceof Uint8Array
        ? event as Uint8Array<ArrayBuffer>
        : events.encode(event),
  };
}

const encoder = new TextEncoder();

/** The line of an event. */
export function encodeEvent(event: RoomEvent): Uint8Array {
  return encoder.encode(`${JSON.stringify(event)}\n`);
}

function jsonLines(maxFrameLength: number): Codec<Uint8Array> {
  return delimited({ delimiter: ["\n", "\r\n"], maxFrameLength });
}

type Fields = Readonly<Record<string, unknown>>;

function requestIssue(value: Fields): string | undefined {
  const { type } = value;
  const fields = typeof type === "string" && Object.hasOwn(FIELDS, type)
    ? FIELDS[type]
    : undefined;
  if (fields === undefined) return "type: expected a request";
  const wrong = fields.find((field) => typeof value[field] !== "string") ??
    OPTIONAL_FIELDS.find((field) =>
      value[field] !== undefined && typeof value[field] !== "string"
    );
  return wrong && `${wrong}: expected text`;
}

/** Checks the type only: a client trusts its server. */
function eventIssue({ type }: Fields): string | undefined {
  return typeof type === "string" ? undefined : "type: expected an event";
}

function schema<Input, Output>(
  issue: (value: Fields) => string | undefined,
): StandardSchema<Input, Output> {
  return {
    "~standard": {
      version: 1,
      vendor: "framewire",
      validate(value) {
        const message = typeof value === "object" && value !== null
          ? issue(value as Fields)
          : "expected an object";
        if (message !== undefined) return { issues: [{ message }] };
        return { value: value as Output };
      },
    },
  };
}

/** What both directions know of the frames of RFC 6455, section 5.2. */

import type { WebSocketOptions } from "../websocket_types.ts";

/** The kinds of frames. */
export const Opcode = {
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
} as const;

export const FIN = 0x80;
export const MASKED = 0x80;

/** The longest payload of a control frame. */
export const MAX_CONTROL_LENGTH = 125;

/** The longest header: of a payload over 64 KiB, with a mask. */
export const MAX_HEADER_LENGTH = 14;

/** The codes with which a connection is closed (section 7.4.1). */
export const CloseCode = {
  normal: 1_000,
  goingAway: 1_001,
  protocolError: 1_002,
  /** Never on the wire: for a close frame without a code. */
  none: 1_005,
  invalidText: 1_007,
  tooLarge: 1_009,
  internalError: 1_011,
} as const;

/** The options of a connection, with defaults filled in. */
export interface FrameSettings
  extends
    Required<Pick<WebSocketOptions, "mode" | "type" | "maxMessageLength">> {
  /** Whether this side is the client, which masks what it sends. */
  readonly isClient: boolean;
}

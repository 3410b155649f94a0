import { code } from "../../code.ts";
import type { MarkedFraming, Plan } from "../../plan.ts";
import { markClass } from "./finder.ts";
import { encodeMarked } from "./marked_encoder.ts";
import { findStart, noiseState } from "./marked_start.ts";
import {
  byteCount,
  bytes,
  type FramingPart,
  MAX_INT,
  maxFrameLength,
  type Scope,
  shown,
} from "./part.ts";
import { checkTruncated, fail, report, tooLarge } from "./refusals.ts";

/** Frames between marks. */
export function markedPart(
  { limit }: Plan,
  framing: MarkedFraming,
  scope: Scope,
): FramingPart {
  const { start, end, restart, trailerLength } = framing;
  const marks = code`
    private static readonly byte[] StartMark = { ${bytes(start)} };
    private static readonly byte[] EndMark = { ${bytes(end)} };
  `;
  return {
    picture: [
      shown(start),
      "content",
      shown(end),
      trailerLength > 0 ? byteCount(trailerLength) : "",
    ].filter((part) => part !== "").join(", "),
    state: code`
      ${maxFrameLength(limit.maxFrameLength, "to decode")}

      ${marks}

      // Whether the start mark of a frame has been found. It stays until the frame is complete.
      private bool _started;

      // How many bytes from the start mark on have no end mark${
      restart && ", and how many no other start mark"
    }.
      private int _searched;
      ${restart && "private int _searchedStart;"}
      ${
      limit.skips && code`

        // Whether the current frame is too large, and passed over.
        private bool _skipping;
      `
    }

      ${noiseState(framing)}
    `,
    read: read(framing, limit.skips),
    methods: findStart(framing, scope),
    reset: "_searched = 0;" + (restart ? "\n_searchedStart = 0;" : ""),
    resetUnread: limit.skips ? "_started = _skipping;" : "_started = false;",
    encoderState: code`
      ${
      limit.maxEncodedLength < MAX_INT &&
      maxFrameLength(limit.maxEncodedLength, "to encode")
    }

      ${marks}
    `,
    encode: encodeMarked(framing, limit.maxEncodedLength),
    types: markClass,
  };
}

function read(
  framing: MarkedFraming,
  skips: boolean,
): string {
  const { restart, trailerLength, skipsInvalid, between } = framing;
  const trailer = trailerLength > 0 ? ` + ${trailerLength}` : "";
  const overhead = `contentEnd + EndMark.Length${trailer}`;
  const content = `contentEnd${trailer} - StartMark.Length`;
  const loops = skips || (restart && skipsInvalid);
  const find = restart ? findEndOrStart : code`
    int contentEnd = Mark.Find(EndMark, _buffer, _start + _searched, _end, out bool isComplete) - _start;
    _searched = contentEnd;
  `;
  const brokenOff = restart && code`
    if (restarted)
    {
        ${
    skips && !skipsInvalid && code`
      if (!_skipping)
      {
          ${failBroken}
      }

    `
  }
        ${!skips && !skipsInvalid && failBroken}
        ${skips && skipsInvalid && "bool isReported = _skipping;"}
        ${skips && "_skipping = false;"}
        ${(skips || skipsInvalid) && "_started = false;\nSkip(contentEnd);"}
        ${
    skips && skipsInvalid && code`
      if (!isReported)
      {
          ${reportBroken}
      }

    `
  }
        ${!skips && skipsInvalid && reportBroken}
        ${(skips || skipsInvalid) && "continue;"}
    }
  `;
  const isWhole = trailerLength > 0
    ? `isComplete && Unread >= ${overhead}`
    : "isComplete";
  const over = `${content} > MaxFrameLength`;
  const finish = code`
    ${
    between === "skip" && code`
      if (_ended && !_started)
      {
          Skip(Unread);
          return false;
      }

    `
  }
    ${
    skipsInvalid && between !== "skip" && code`
      if (_ended && _noise != null)
      {
          Skip(Unread);
          ReportNoise();
          return false;
      }

    `
  }
    ${checkTruncated(skips)}
  `;
  if (!loops) {
    return code`
      if (_started || FindStart())
      {
          ${find}
          if (${over})
          {
              ${fail("FRAME_TOO_LARGE", tooLarge())}
          }

          ${brokenOff}

          if (${isWhole})
          {
              ${take(trailerLength)}
              return true;
          }
      }

      ${finish}
    `;
  }
  return code`
    while (_started || FindStart())
    {
        ${find}
        if (${skips ? "!_skipping && " : ""}${over})
        {
            ${
    skips
      ? `_skipping = true;\n${report("FRAME_TOO_LARGE", tooLarge())}\ncontinue;`
      : fail("FRAME_TOO_LARGE", tooLarge())
  }
        }

        ${brokenOff}

        if (!isComplete${trailerLength > 0 ? ` || Unread < ${overhead}` : ""})
        {
            ${
    skips && code`
      if (_skipping)
      {
          Skip(contentEnd);
      }

    `
  }
            break;
        }

        ${
    skips && code`
      if (_skipping)
      {
          _started = _skipping = false;
          Skip(${overhead});
          continue;
      }
    `
  }

        ${take(trailerLength)}
        return true;
    }

    ${finish}
  `;
}

/** Finds the mark that is complete first. */
const findEndOrStart = code`
  int nextStart = Mark.Find(StartMark, _buffer, _start + _searchedStart, _end, out bool restarted) - _start;
  _searchedStart = nextStart;

  // An end mark counts if it is complete before the start mark, or with it.
  int end = restarted ? _start + nextStart + StartMark.Length : _end;
  int contentEnd = Mark.Find(EndMark, _buffer, _start + _searched, end, out bool isComplete) - _start;
  _searched = contentEnd;
  restarted &= !isComplete;
  if (!isComplete)
  {
      contentEnd = restarted ? nextStart : Math.Min(contentEnd, nextStart);
  }

`;

const broken =
  '$"The frame is broken off: expected an end mark, got a start mark after {contentEnd} bytes"';
const failBroken = fail("MARK_INVALID", broken);
const reportBroken = report("MARK_INVALID", broken);

function take(trailerLength: number): string {
  return trailerLength === 0
    ? code`
      _started = false;
      Skip(StartMark.Length);
      frame = Take(contentEnd - StartMark.Length);
      Skip(EndMark.Length);
    `
    : code`
      _started = false;
      int contentLength = contentEnd - StartMark.Length;
      frame = new byte[contentLength + ${trailerLength}];
      Buffer.BlockCopy(_buffer, _start + StartMark.Length, frame, 0, contentLength);
      Buffer.BlockCopy(_buffer, _start + contentEnd + EndMark.Length, frame, contentLength, ${trailerLength});
      Skip(contentEnd + EndMark.Length + ${trailerLength});
    `;
}

import { code } from "../../code.ts";
import type { Limit } from "../../plan.ts";
import { typeOf } from "./part.ts";
import { checkTruncated, fail, report, tooLarge } from "./refusals.ts";

/** The state of the decoder of frames that end with a byte. */
export function stuffedState(limit: Limit, maxStuffedLength: number): string {
  return code`
    // The maximum length on the wire.
    private const ${
    typeOf(maxStuffedLength)
  } MaxStuffedLength = ${maxStuffedLength};

    // How many of the unread bytes have no end byte.
    private int _searched;
    ${
    limit.skips && code`

      // Whether the bytes up to the next end byte are passed over.
      private bool _skipping;
    `
  }
  `;
}

/** The statements that read a frame which ends with a byte. */
export function readStuffed(
  { skips }: Limit,
  skipsInvalid: boolean,
  invalid: string,
): string {
  const message =
    `"The frame is not stuffed as its format says: expected what its encoder would write, got ${invalid}"`;
  return code`
    while (true)
    {
        ${
    skips
      ? code`
        if (!_skipping)
        {
            _frameOffset = _offset;
        }

      `
      : "_frameOffset = _offset;"
  }
        int end = Array.IndexOf(_buffer, EndByte, _start + _searched, Unread - _searched);
        _searched = (end < 0 ? _end : end) - _start;
        if (${skips ? "!_skipping && " : ""}_searched > MaxStuffedLength)
        {
            ${
    skips
      ? `_skipping = true;\n${report("FRAME_TOO_LARGE", tooLarge())}\ncontinue;`
      : fail("FRAME_TOO_LARGE", tooLarge())
  }
        }

        if (end < 0)
        {
            ${
    skips && code`
      if (_skipping)
      {
          Skip(_searched);
      }

    `
  }
            break;
        }

        ${
    skips && code`
      if (_skipping)
      {
          _skipping = false;
          Skip(_searched + 1);
          continue;
      }

    `
  }
        byte[] stuffed = Take(_searched);
        Skip(1);
        if (stuffed.Length == 0)
        {
            continue; // It ends no frame.
        }

        byte[] unstuffed = Unstuff(stuffed);
        if (unstuffed == null)
        {
            ${
    skipsInvalid
      ? `${report("MARK_INVALID", message)}\ncontinue;`
      : fail("MARK_INVALID", message)
  }
        }

        if (unstuffed.Length > MaxFrameLength)
        {
            ${
    skips
      ? `${report("FRAME_TOO_LARGE", tooLarge("unstuffed.Length"))}\ncontinue;`
      : fail("FRAME_TOO_LARGE", tooLarge("unstuffed.Length"))
  }
        }

        frame = unstuffed;
        return true;
    }

    ${checkTruncated(skips)}
  `;
}

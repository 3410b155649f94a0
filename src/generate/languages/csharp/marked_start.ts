import { code } from "../../code.ts";
import type { MarkedFraming } from "../../plan.ts";
import { bytes, type Scope } from "./part.ts";
import { fail } from "./refusals.ts";

/** What the decoder keeps of bytes between frames. */
export function noiseState({ between, skipsInvalid }: MarkedFraming): string {
  return code`
    ${
    typeof between === "object" && code`
      // What may stand between frames, the longest first.
      private static readonly byte[][] Separators =
      {
          ${
      between.toSorted((a, b) => b.length - a.length)
        .map((one) => `new byte[] { ${bytes(one)} },`).join("\n")
    }
      };
    `
  }

    ${
    between !== "skip" && skipsInvalid && code`
      // The error of the bytes between frames that are passed over.
      private FrameException _noise;
    `
  }
  `;
}

const message = code`
  "The frame does not begin with its start mark: expected " +
      BitConverter.ToString(StartMark).Replace('-', ' ').ToLowerInvariant() +
      $", got {_buffer[_start]:x2}"
`;

/** The method that finds the start mark of the next frame. */
export function findStart(framing: MarkedFraming, scope: Scope): string {
  const { between, skipsInvalid, restart } = framing;
  const found = code`
    _started = true;
    _searched = StartMark.Length;
    ${restart && "_searchedStart = StartMark.Length;"}
  `;
  if (between === "skip") {
    return code`
      // Finds the start mark of the next frame.
      private bool FindStart()
      {
          int at = Mark.Find(StartMark, _buffer, _start, _end, out bool found);
          Skip(at - _start);
          ${scope.begin}
          if (found)
          {
              ${found}
          }

          return found;
      }
    `;
  }
  const separator = typeof between === "object" && code`
    if (SkipSeparator())
    {
        continue;
    }

    if (MayBeSeparator())
    {
        return false;
    }

  `;
  const helpers = `${countSame}\n\n${separator !== false ? separators : ""}`;
  if (!skipsInvalid) {
    const start = code`
      ${scope.begin}
      int same = CountSame(StartMark);
      if (same == StartMark.Length)
      {
          ${found}
          return true;
      }

      if (same == Unread)
      {
          return false;
      }

      ${separator}
      ${fail("MARK_INVALID", message)}
    `;
    return code`
      // Finds the start mark of the next frame.
      private bool FindStart()
      {
          ${
      separator === false ? start : `while (true)\n{\n${indented(start)}\n}`
    }
      }

      ${helpers}
    `;
  }
  return code`
    // Finds the start mark of the next frame.
    private bool FindStart()
    {
        while (!_started)
        {
            if (_noise == null && CountSame(StartMark) < Math.Min(StartMark.Length, Unread))
            {
                ${separator}
                _noise = new FrameException(
                    "MARK_INVALID",
                    ${message},
                    _offset);
            }

            int at = Mark.Find(StartMark, _buffer, _start, _end, out bool found);
            Skip(at - _start);
            _frameOffset = _offset;
            if (!found)
            {
                return false;
            }

            ${found}
            ReportNoise(); // It may call the decoder.
        }

        return true;
    }

    private void ReportNoise()
    {
        FrameException noise = _noise;
        if (noise != null)
        {
            _noise = null;
            _onSkip?.Invoke(noise);
        }
    }

    ${helpers}
  `;
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "    ");
}

const countSame = code`
  // How many bytes are there of a mark.
  private int CountSame(byte[] mark)
  {
      int same = 0;
      while (same < mark.Length && same < Unread && _buffer[_start + same] == mark[same])
      {
          same++;
      }

      return same;
  }
`;

/** Methods for what may stand between frames. */
const separators = code`
  // Passes over what may stand between frames.
  private bool SkipSeparator()
  {
      foreach (byte[] separator in Separators)
      {
          int same = CountSame(separator);
          if (same == separator.Length)
          {
              Skip(same);
              return true;
          }

          if (same == Unread && !_ended)
          {
              return false; // It may become this one.
          }
      }

      return false;
  }

  // Whether what is there may become a separator.
  private bool MayBeSeparator() =>
      !_ended && Array.Exists(Separators, separator => CountSame(separator) == Unread);
`;

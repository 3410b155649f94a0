import { code } from "../../code.ts";
import type { DelimitedFraming } from "../../plan.ts";
import type { Search } from "./finder.ts";
import type { Limits } from "./limits.ts";
import { refuse } from "./refusals.ts";

/** The statements that encode a frame of a format with a delimiter. */
export function encodeDelimited(
  { skipEmpty, keepDelimiter }: DelimitedFraming,
  search: Search,
  limits: Limits,
): string {
  return code`
    ${
    skipEmpty && code`
      if (frame.length == 0) {
          ${refuseEmpty}
      }
    `
  }
    ${
    keepDelimiter
      ? encodeKept(skipEmpty, search, limits)
      : `${limits.checkEncoded()}\n${encode(search)}`.trimStart()
  }
  `;
}

const refuseEmpty = refuse(
  "LENGTH_INVALID",
  "The frame is empty, and its decoder leaves empty frames out: expected 1 byte or more, got 0 bytes",
);

function refuseDelimiter(at: string): string {
  return refuse(
    "DELIMITER_IN_FRAME",
    `The frame contains a delimiter: expected no delimiter before the end, got one at byte {${at}}`,
  );
}

function encode(search: Search): string {
  return search === "byte" || search === "lines"
    ? encodeSimple(search)
    : encodeSearched(search);
}

function encodeSimple(search: "byte" | "lines"): string {
  const delimiter = search === "lines" ? "'\\n'" : "DELIMITER";
  return code`
    for (int i = 0; i < frame.length; i++) {
        ${
    search === "lines" && code`
      // A carriage return at the end would become part of the line end.
      boolean isLast = i == frame.length - 1;
    `
  }
        if (frame[i] == ${delimiter}${
    search === "lines" ? " || (isLast && frame[i] == '\\r')" : ""
  }) {
            ${refuseDelimiter("i")}
        }
    }

    byte[] bytes = Arrays.copyOf(frame, frame.length + 1);
    bytes[frame.length] = ${delimiter};
    return bytes;
  `;
}

function encodeSearched(search: "one" | "several"): string {
  return code`
    byte[] bytes = Arrays.copyOf(frame, frame.length + DELIMITER.length);
    System.arraycopy(DELIMITER, 0, bytes, frame.length, DELIMITER.length);

    ${
    search === "one"
      ? `// What a decoder would find.
int found = indexOf(DELIMITER, bytes, 0, bytes.length);`
      : code`
      // What a decoder would find. The next frame could complete a longer delimiter.
      int found = findDelimiter(bytes, 0, bytes.length, false);
      int length = delimiterLength(bytes, found, bytes.length, false);
    `
  }
    if (found != frame.length${
    search === "one" ? "" : " || length != DELIMITER.length"
  }) {
        ${refuseDelimiter("found")}
    }
    return bytes;
  `;
}

function encodeKept(
  skipEmpty: boolean,
  search: Search,
  limits: Limits,
): string {
  return code`
    ${
    search === "one"
      ? code`
        int found = indexOf(DELIMITER, frame, 0, frame.length);
        boolean isLast = found + DELIMITER.length == frame.length;
      `
      : code`
        int found = findDelimiter(frame, 0, frame.length, false);
        int length = delimiterLength(frame, found, frame.length, false);
        boolean isLast = length > 0 && found + length == frame.length;
      `
  }
    ${
    skipEmpty && code`
      if (isLast && found == 0) {
          ${refuseEmpty}
      }
    `
  }
    ${limits.checkEncoded("found")}
    if (!isLast) {
        ${
    refuse(
      "DELIMITER_IN_FRAME",
      "The frame does not end with its only delimiter: expected one delimiter, at the end, got another",
    )
  }
    }
    return frame.clone();
  `;
}

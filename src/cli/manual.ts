import { COMMON, flagName, flags } from "./flags.ts";
import { usageOf } from "./help.ts";
import type { VerbRow } from "./verb_row.ts";
import { verbs } from "./verbs.ts";
import { VERSION } from "./version.ts";

/** The manual page in the language of man(7), made from the tables of verbs and flags. */
export function manual(): string {
  const sections = Object.entries(verbs).map(([name, row]) => verb(name, row));
  return `.\\" Made by framewire man
.TH FRAMEWIRE 1 "" "framewire ${VERSION}" "User Commands"
.SH NAME
framewire \\- netcat that knows where messages end
.SH SYNOPSIS
.B framewire
.I VERB
.RI [ OPERAND " ...] [" \\-\\-FLAG " ...]"
.SH DESCRIPTION
${
    paragraphs([
      "TCP keeps bytes in order and forgets where messages end. framewire finds the messages again, by a format that an expression describes: 'length(4, little) | json', 'delimited(\"\\0\")', preset:lsp. framewire format EXPRESSION explains one, framewire presets lists the presets, and framewire guess FILE finds the one of bytes that you have.",
      "Data is written to standard output, and all else to standard error. --out frames writes one JSON object a line, { time, direction, connection, offset, length, data }, which decode, inspect, guess and replay read.",
    ])
  }
.SH VERBS
${sections.join("")}.SH NOTATIONS
${
    paragraphs([
      '--in and --out say how frames are written. text: as text, with nothing between; the whole input is one frame. lines: one frame a line, as text; values that are no text are JSON. json: one JSON value a line; bytes within one are {"base64": "..."}. hex, base64: the bytes of one frame a line. raw: the bytes, with nothing between. nul: the bytes, a NUL behind each frame. frames: bytes as they were on the wire, as JSON Lines.',
    ])
  }
.SH EXIT STATUS
.TP
0
all went well
.TP
1
a frame was bad, or something differs from what was expected
.TP
2
the command line is wrong
.TP
3
the network, or the peer
.TP
4
a time limit
.TP
5
the TLS handshake
.SH ENVIRONMENT
.TP
NO_COLOR
if it is set, there are no colours; see https://no\\-color.org/
.SH SEE ALSO
.BR nc (1),
.BR socat (1),
.BR tcpdump (1)
`;
}

function verb(name: string, row: VerbRow): string {
  const flagRows = [...row.flags, ...COMMON].map((flag) => {
    const { short, value, help } = flags[flag];
    const letter = short === undefined ? "" : `\\-${short}, `;
    const shown = value === undefined ? "" : ` ${escaped(value)}`;
    return `.TP\n${letter}\\-\\-${escaped(flagName(flag))}${shown}\n${
      escaped(help)
    }\n`;
  });
  const examples = row.examples.map(([command, why]) =>
    `${why === "" ? "" : `.PP\n${escaped(why)}:\n`}.PP\n.nf\n    framewire ${
      escaped(command)
    }\n.fi\n`
  );
  return `.SS framewire ${name} ${escaped(usageOf(row.operands)).trim()}
${escaped(capital(row.summary))}.
${row.about.length === 0 ? "" : `${paragraphs(row.about)}\n`}${
    flagRows.join("")
  }${examples.join("")}`;
}

function paragraphs(texts: readonly string[]): string {
  return texts.map((text) => `.PP\n${escaped(text)}`).join("\n");
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Text in which nothing is a command of roff. */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-")
    .replace(/^[.']/gm, "\\&$&");
}

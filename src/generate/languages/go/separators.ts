import { code } from "../../code.ts";
import type { MarkedFraming } from "../../plan.ts";
import type { Frames } from "./parts.ts";
import { goString } from "./syntax.ts";

/** Passes over what may stand between frames. */
export function separators(
  { between }: MarkedFraming,
  frames: Frames,
  condition?: string,
): string {
  if (typeof between !== "object") return "";
  const body = code`
    n, whole := separator(in, d.ended)
    if whole {
      d.drop(n)
      continue
    }
    if n > 0 {
      ${frames.no("nil")}
    }
  `;
  return condition === undefined ? body : code`
    if ${condition} {
      ${body}
    }
  `;
}

/** The function that finds what may stand between frames. */
export function separatorFunction({ between }: MarkedFraming): string {
  if (typeof between !== "object") return "";
  const sorted = [...between].sort((a, b) => b.length - a.length);
  return code`
    // What may stand between frames, the longest first.
    var separators = [][]byte{
      ${sorted.map((one) => `[]byte(${goString(one)}),`).join("\n")}
    }

    // separator returns how many bytes of in are a separator, and whether it is whole.
    func separator(in []byte, ended bool) (n int, whole bool) {
      for _, separator := range separators {
        if bytes.HasPrefix(in, separator) {
          return len(separator), true
        }
        if !ended && bytes.HasPrefix(separator, in) {
          return len(in), false
        }
      }
      return 0, false
    }
  `;
}

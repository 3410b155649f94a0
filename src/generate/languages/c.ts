import { code } from "../code.ts";
import type { Language } from "../language.ts";
import { aboutFile } from "./c/about.ts";
import { declarations } from "./c/declarations.ts";
import { meanings } from "./c/errors.ts";
import { framingCode } from "./c/framings.ts";
import { commonFunctions, frameFunctions } from "./c/implementation.ts";
import { snakeCase, targetOf } from "./c/target.ts";
import { tidy } from "./c/tidy.ts";
import type { FrameErrorCode } from "../../codec/errors.ts";

/** C99: one header file, whose code stands in it behind a macro. */
export const c: Language = {
  fileName: (name) => `${snakeCase(name)}.h`,
  write(plan) {
    const target = targetOf(plan);
    const { P } = target;
    const framing = framingCode(target);
    const frames = frameFunctions(target, framing);
    // Only those that the code can give.
    const codes = (Object.keys(meanings) as FrameErrorCode[]).filter((code) =>
      frames.includes(`${P}_${code},`) ||
      code === "FRAME_TRUNCATED" && framing.waits !== undefined
    );
    return tidy(code`
      ${aboutFile(target)}

      #ifndef ${P}_H
      #define ${P}_H

      #include <stdbool.h>
      #include <stddef.h>
      #include <stdint.h>

      #ifdef __cplusplus
      extern "C" {
      #endif

      ${declarations(target, framing, codes)}

      #ifdef __cplusplus
      }
      #endif

      #endif /* ${P}_H */

      #ifdef ${P}_IMPLEMENTATION

      #include <stdarg.h>
      #include <stdio.h>
      #include <stdlib.h>
      #include <string.h>

      ${commonFunctions(target, framing, codes)}

      ${frames}

      #endif /* ${P}_IMPLEMENTATION */
    `);
  },
};

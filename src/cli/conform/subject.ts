import type { ConformCase } from "./conform_case.ts";

/** Who is tested. */
export interface Subject extends AsyncDisposable {
  /** Why it cannot be asked about a case; `undefined` if it can. */
  unfit(one: ConformCase): string | undefined;
  /**
   * Asks it about a case, under all cuts.
   *
   * @returns What it did that is worth to tell, such as how it ended a stream.
   * @throws {Nonconformity} If that is not what was expected.
   * @throws {NetError} If it cannot be reached at all.
   */
  check(one: ConformCase): Promise<string | undefined>;
  /** Ends what is under way: it fails then. */
  stop(): void;
}

/** What was expected of a subject, and what it did. */
export class Nonconformity extends Error {
  override readonly name: string = "Nonconformity";
}

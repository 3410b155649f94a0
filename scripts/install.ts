/**
 * Installs the development packages where they are missing, for tasks that import
 * some: a running Deno does not see packages that were installed since it started.
 */

import { ensureNodeModules } from "./testing/setup.ts";

await ensureNodeModules();

import { goldenTests } from "./golden.ts";

goldenTests("python");

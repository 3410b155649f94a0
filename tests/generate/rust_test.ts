import { goldenTests } from "./golden.ts";

goldenTests("rust");

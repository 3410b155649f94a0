// Bundles programs for browsers as `bundle.ts BUNDLER FOLDER`, on Node, with the
// bundler as it is set up by default: each `.js` file of `FOLDER/src` becomes one
// of `FOLDER/BUNDLER`. Prints the warnings, as JSON.

import { nodeResolve } from "@rollup/plugin-node-resolve";
import { build as esbuild } from "esbuild";
import { readdirSync } from "node:fs";
import { basename } from "node:path";
import { rollup } from "rollup";
import { build as vite, createLogger } from "vite";
import webpack from "webpack";

const [bundler = "", folder = ""] = process.argv.slice(2);
const source = `${folder}/src`;
const output = `${folder}/${bundler}`;
const input = Object.fromEntries(
  readdirSync(source).map((
    file,
  ) => [basename(file, ".js"), `${source}/${file}`]),
);
const warnings: string[] = [];

const bundlers: Record<string, () => Promise<void>> = {
  async esbuild() {
    const result = await esbuild({
      entryPoints: input,
      outdir: output,
      bundle: true,
      minify: true,
      // Without it, programs cannot `await` outside of functions.
      format: "esm",
      logLevel: "silent",
    });
    warnings.push(...result.warnings.map(({ text }) => text));
  },

  async rollup() {
    const bundle = await rollup({
      input,
      plugins: [nodeResolve({ browser: true })],
      onLog: (_, { message }) => void warnings.push(message),
    });
    await bundle.write({ dir: output, chunkFileNames: "chunks/[name].js" });
  },

  async vite() {
    const logger = createLogger("warn");
    logger.warn = logger.warnOnce = (message) => void warnings.push(message);
    await vite({
      root: source,
      // Not from the root of the server.
      base: "./",
      logLevel: "warn",
      customLogger: logger,
      build: {
        outDir: output,
        emptyOutDir: true,
        rollupOptions: {
          input,
          output: {
            entryFileNames: "[name].js",
            chunkFileNames: "chunks/[name].js",
          },
          // Entries that only export would be empty.
          preserveEntrySignatures: "strict",
        },
      },
    });
  },

  async webpack() {
    const compiler = webpack({
      mode: "production",
      entry: input,
      output: {
        path: output,
        filename: "[name].js",
        library: { type: "module" },
      },
      experiments: { outputModule: true },
      // It takes 20 seconds.
      optimization: { minimize: false },
      // It warns of sizes, which are larger as it is not minimized.
      performance: false,
    });
    const stats = await new Promise<webpack.Stats | undefined>(
      (resolve, reject) =>
        compiler.run((error, stats) => error ? reject(error) : resolve(stats)),
    );
    const { errors = [], warnings: found = [] } = stats?.toJson() ?? {};
    warnings.push(...[...errors, ...found].map(({ message }) => message));
  },
};

await bundlers[bundler]?.();
console.log(JSON.stringify(warnings));

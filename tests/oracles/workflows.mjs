// What GitHub's published parser has against workflows: their texts as JSON lines on stdin, its errors on stdout.
//
//   "on: push\njobs: ..."   ->   [["(Line: 3, Col: 5): Unexpected value 'x'", 3, 5], ...]
//
// Run as `node workflows.mjs FOLDER`, the folder being a node_modules with @actions/workflow-parser.

import { register } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import path from "node:path";

// workflow-parser imports its schema as a bundler would: JSON, without saying so.
const hook = `export async function load(url, context, next) {
  if (!url.endsWith(".json")) return next(url, context);
  const { readFile } = await import("node:fs/promises");
  const source = "export default " + await readFile(new URL(url), "utf-8");
  return { format: "module", source, shortCircuit: true };
}`;
register("data:text/javascript," + encodeURIComponent(hook));

const folder = path.resolve(process.argv[2]);
const load = (name) => import(pathToFileURL(path.join(folder, name)).href);
const PARSER = "@actions/workflow-parser/dist";
const { parseWorkflow, NoOperationTraceWriter, convertWorkflowTemplate } = await load(`${PARSER}/index.js`);
const { TemplateContext, TemplateValidationErrors } = await load(`${PARSER}/templates/template-context.js`);
const { getWorkflowSchema } = await load(`${PARSER}/workflows/workflow-schema.js`);
const { FeatureFlags } = await load("@actions/expressions/dist/features.js");

const featureFlags = new FeatureFlags({ all: true });

async function errors(content) {
  const context = new TemplateContext(new TemplateValidationErrors(), getWorkflowSchema(), new NoOperationTraceWriter());
  context.state.featureFlags = featureFlags;
  try {
    const parsed = parseWorkflow({ name: "w.yml", content }, context);
    if (parsed.value && !context.errors.getErrors().length) {
      await convertWorkflowTemplate(context, parsed.value, undefined, {
        maxReusableWorkflowDepth: 4, fetchReusableWorkflowDepth: 0, errorPolicy: 0, featureFlags,
      });
    }
  } catch (error) {
    return [["the parser fails: " + error.message, 0, 0]];
  }
  return context.errors.getErrors().map((error) => [
    error.rawMessage ?? error.message, error.range?.start.line ?? 0, error.range?.start.column ?? 0,
  ]);
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(await errors(JSON.parse(line))) + "\n");
}

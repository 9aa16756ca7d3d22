// What GitHub's published expression engine makes of expressions: cases as JSON lines on stdin, answers on stdout.
//
//   {"expression": "a == b", "contexts": {"a": 1}, "functions": {"success": [0, 0]}, "status": "success"}
//   {"value": ...} | {"refused": "why it cannot be parsed"} | {"failed": "why it cannot be evaluated"}
//
// {"condition": "${{ a }} && b", ...} is the text of an `if:`; its answer is {"expression": "what is evaluated"}, too.
// Run as `node expressions.mjs FOLDER`, the folder being a node_modules with @actions/expressions and workflow-parser.

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
const { Lexer, Parser, Evaluator, data } = await load("@actions/expressions/dist/index.js");
const { truthy } = await load("@actions/expressions/dist/result.js");

const PARSER = "@actions/workflow-parser/dist/index.js";

const revived = (value) => JSON.parse(JSON.stringify(value), data.reviver);

function plain(value) {
  if (value.kind === data.Kind.Number) {
    const number = value.value;
    if (Number.isFinite(number) && !Object.is(number, -0)) return number;
    return { number: Object.is(number, -0) ? "-0" : String(number) };
  }
  if (value.kind === data.Kind.Array) return { array: value.values().map(plain) };
  if (value.kind === data.Kind.Dictionary) return { object: value.pairs().map(({ key, value }) => [key, plain(value)]) };
  return value.kind === data.Kind.Null ? null : value.value;
}

function functions(given, status) {
  const answers = {
    success: () => status === "success",
    failure: () => status === "failure",
    cancelled: () => status === "cancelled",
    always: () => true,
  };
  return Object.entries(given ?? {}).map(([name, [minArgs, maxArgs]]) => ({
    name, minArgs, maxArgs, description: "",
    call: () => new data.BooleanData(answers[name]()),
  }));
}

function answer(test) {
  const extension = functions(test.functions, test.status);
  const contexts = revived(test.contexts ?? {});
  let tree;
  try {
    tree = new Parser(new Lexer(test.expression).lex().tokens, Object.keys(test.contexts ?? {}), extension).parse();
  } catch (error) {
    return { refused: error.message };
  }
  if (tree === undefined) return { refused: "An expression was expected" };
  if (test.parse) return {};
  try {
    const value = new Evaluator(tree, contexts, new Map(extension.map((each) => [each.name, each]))).evaluate();
    return { value: plain(value), truth: truthy(value) };
  } catch (error) {
    return { failed: error.message };
  }
}

// The condition as a workflow has it: quoted, so that it is one line and none of YAML's own words.
async function condition(test) {
  const { parseWorkflow, NoOperationTraceWriter, convertWorkflowTemplate } = await load(PARSER);
  const step = { run: "true", if: test.condition };
  const job = { "runs-on": "x", steps: [test.job ? { run: "true" } : step] };
  if (test.job) job.if = test.condition;
  const content = JSON.stringify({ on: "push", jobs: { j: job } });
  const trace = new NoOperationTraceWriter();
  const parsed = parseWorkflow({ name: "w.yml", content }, trace);
  if (!parsed.value || parsed.context.errors.getErrors().length) {
    return { refused: parsed.context.errors.getErrors().map((error) => error.rawMessage ?? error.message).join("; ") };
  }
  const template = await convertWorkflowTemplate(parsed.context, parsed.value);
  const errors = parsed.context.errors.getErrors();
  if (errors.length) return { refused: errors.map((error) => error.rawMessage ?? error.message).join("; ") };
  const found = test.job ? template.jobs[0].if : template.jobs[0].steps[0].if;
  return { expression: found.expression };
}

for await (const line of createInterface({ input: process.stdin })) {
  const test = JSON.parse(line);
  const result = "condition" in test ? await condition(test) : answer(test);
  process.stdout.write(JSON.stringify(result) + "\n");
}

// Reads a JSON list of diagrams, writes for each a line with what Mermaid's own parser makes of it.
import { readFileSync } from "node:fs";
import { parseHTML } from "linkedom";

// Mermaid cleans labels with a library that asks for a browser's document.
const { window } = parseHTML("<!doctype html><html><body></body></html>");
Object.assign(globalThis, { window, document: window.document });
const { default: mermaid } = await import("mermaid");

for (const text of JSON.parse(readFileSync(0, "utf8"))) {
  console.log(JSON.stringify(await parsed(text)));
}

async function parsed(text) {
  try {
    await mermaid.parse(text);
    const { db, type } = await mermaid.mermaidAPI.getDiagramFromText(text);
    return {
      type,
      direction: db.getDirection(),
      nodes: [...db.getVertices().values()].map((node) => [node.id, node.text]),
      edges: db.getEdges().map((edge) => [edge.start, edge.end]),
    };
  } catch (error) {
    return { error: String(error.message) };
  }
}

// Starts GraphiQL. Tokens typed into the header editor stay in this page: they are not stored.
"use strict";

const PLACEHOLDER = "<access_token>";

function headersToSend(headers) {
  const sent = { "content-type": "application/json", accept: "application/graphql-response+json, application/json" };
  for (const [name, value] of Object.entries(headers ?? {})) {
    // The example that stands in the editor is no token.
    if (typeof value === "string" && !value.includes(PLACEHOLDER)) sent[name] = value;
  }
  return sent;
}

async function fetcher(request, options) {
  const answer = await fetch("/graphql", {
    method: "POST",
    headers: headersToSend(options?.headers),
    body: JSON.stringify(request),
    credentials: "same-origin",
  });
  return answer.json();
}

async function start() {
  const root = document.getElementById("graphiql");
  if (!window.React || !window.ReactDOM || !window.GraphiQL) {
    root.firstElementChild.textContent =
      "GraphiQL could not be loaded. Without a connection to the CDN, run scripts/graphiql once and restart.";
    return;
  }
  const example = await fetch("/graphiql/example.graphql").then((answer) => answer.text());
  const logo = React.createElement(GraphiQL.Logo, null, React.createElement("strong", null, "Sawit"));
  const graphiql = React.createElement(
    GraphiQL,
    {
      fetcher,
      defaultQuery: example,
      defaultHeaders: JSON.stringify({ Authorization: `Bearer ${PLACEHOLDER}` }, null, 2),
      defaultEditorToolsVisibility: "headers",
      isHeadersEditorEnabled: true,
      shouldPersistHeaders: false,
    },
    logo,
  );
  ReactDOM.createRoot(root).render(graphiql);
}

start();

#include "admin/openapi.h"
#include "admin/page_assets.h"
#include "admin/swagger_page.h"

namespace patchbay::admin {

namespace {

constexpr const char* kPageHtml = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Patchbay API</title>
<link rel="stylesheet" href="/api-docs/page.css">
<script src="/api-docs/page.js" defer></script>
</head>
<body>
<header>
<h1>Patchbay API</h1>
<form id="login">
<label>User <input id="username" autocomplete="username" value="admin"></label>
<label>Password <input id="password" type="password" autocomplete="current-password"></label>
<button>Log in</button>
<span id="state" role="status"></span>
</form>
<label class="filter">Find <input id="filter" type="search" placeholder="clients, publish, GET ..."></label>
</header>
<main id="operations"><p>Log in to see the operations of this node.</p></main>
</body>
</html>
)html";

constexpr const char* kPageCss = R"css(
:root { color-scheme: light dark; --line: #8884; --accent: #2a6fb0; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 70rem; padding: 0 1rem 3rem; }
header { position: sticky; top: 0; background: Canvas; border-bottom: 1px solid var(--line); padding: .5rem 0; }
h1 { font-size: 1.3rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 1.5rem 0 .4rem; }
form, .filter { display: inline-flex; gap: .6rem; align-items: center; margin: .3rem 1rem .3rem 0; flex-wrap: wrap; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .3rem 0; padding: .3rem .7rem; }
summary { cursor: pointer; display: flex; gap: .7rem; align-items: baseline; }
summary b { min-width: 4.5rem; color: var(--accent); }
summary code { font-weight: 600; }
summary span { opacity: .75; }
pre { background: #8881; border-radius: 6px; overflow: auto; padding: .6rem; max-height: 28rem; }
table { border-collapse: collapse; width: 100%; }
td, th { border-bottom: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top; }
textarea { width: 100%; min-height: 6rem; font: 13px/1.4 ui-monospace, monospace; }
button { cursor: pointer; }
)css";

constexpr const char* kPageScript = R"js('use strict';
// Everything that comes from the node is put in as text, never as markup.
let token = '';
let spec = null;

function element(name, text, children) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  for (const child of children || []) made.append(child);
  return made;
}

async function ask(method, url, body, type) {
  const headers = {Accept: 'application/json'};
  if (token) headers.Authorization = 'Bearer ' + token;
  if (body) headers['Content-Type'] = type || 'application/json';
  const answer = await fetch(url, {method, headers, body: body || undefined});
  const text = await answer.text();
  let value = text;
  try { value = JSON.parse(text); } catch (error) { /* it is text */ }
  return {status: answer.status, value, text};
}

function rows(parameters, inputs) {
  const table = element('table');
  for (const parameter of parameters) {
    const input = element('input');
    inputs.push({parameter, input});
    table.append(element('tr', null, [
      element('td', parameter.name + (parameter.required ? ' *' : '')), element('td', parameter.in),
      element('td', JSON.stringify(parameter.schema)), element('td', parameter.description || ''),
      element('td', null, [input])]));
  }
  return table;
}

function target(path, inputs) {
  let url = '/api/v5' + path;
  const query = [];
  for (const {parameter, input} of inputs) {
    const value = encodeURIComponent(input.value);
    if (parameter.in === 'path') url = url.replace('{' + parameter.name + '}', value);
    else if (input.value !== '') query.push(encodeURIComponent(parameter.name) + '=' + value);
  }
  return query.length ? url + '?' + query.join('&') : url;
}

function fill(details, path, method, operation) {
  const inputs = [];
  if (operation.parameters.length) details.append(rows(operation.parameters, inputs));
  let body = null;
  if (operation.requestBody) {
    details.append(element('p', 'Body'), element('pre', JSON.stringify(operation.requestBody.content, null, 2)));
    body = element('textarea');
    details.append(body);
  }
  const send = element('button', 'Send');
  const answer = element('pre', '');
  send.addEventListener('click', async () => {
    const type = operation.requestBody ? Object.keys(operation.requestBody.content)[0] : '';
    const got = await ask(method.toUpperCase(), target(path, inputs), body ? body.value : '', type);
    answer.textContent = got.status + '\n' +
      (typeof got.value === 'string' ? got.value : JSON.stringify(got.value, null, 2));
  });
  details.append(element('p', null, [send]), answer, element('p', 'Answers'),
                 element('pre', JSON.stringify(operation.responses, null, 2)));
}

function draw() {
  const wanted = document.getElementById('filter').value.toLowerCase();
  const main = document.getElementById('operations');
  main.replaceChildren();
  for (const tag of spec.tags) {
    const section = element('section', null, [element('h2', tag.name)]);
    for (const [path, methods] of Object.entries(spec.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const text = [method, path, operation.summary, tag.name].join(' ').toLowerCase();
        if (operation.tags[0] !== tag.name || !text.includes(wanted)) continue;
        const details = element('details', null, [element('summary', null, [
          element('b', method.toUpperCase()), element('code', path), element('span', operation.summary)])]);
        details.addEventListener('toggle', () => fill(details, path, method, operation), {once: true});
        section.append(details);
      }
    }
    if (section.children.length > 1) main.append(section);
  }
}

document.getElementById('filter').addEventListener('input', () => { if (spec) draw(); });
document.getElementById('login').addEventListener('submit', async event => {
  event.preventDefault();
  const state = document.getElementById('state');
  const body = JSON.stringify({username: document.getElementById('username').value,
                               password: document.getElementById('password').value});
  token = '';
  const login = await ask('POST', '/api/v5/login', body);
  if (login.status !== 200) { state.textContent = login.value.message || login.text; return; }
  token = login.value.token;
  const got = await ask('GET', '/api-spec.json');
  if (got.status !== 200) { state.textContent = got.value.message || got.text; return; }
  state.textContent = 'logged in as ' + login.value.role;
  spec = got.value;
  draw();
});
)js";

/// Images are those that the package's style sheet has within it.
constexpr const char* kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri "
    "'none'; form-action 'none'; frame-ancestors 'none'";

Route page_route(const char* path, const char* summary) {
  Route route;
  route.method = "GET";
  route.path = path;
  route.tag = "Document";
  route.scope = "system";
  route.summary = summary;
  return route;
}

void add_page(RouteTable& pages, const char* path, const char* content_type, const char* text) {
  Route asset = page_route(path, "A part of the page that shows the API.");
  asset.access = Access::open;
  asset.handler = [content_type, text](const ApiRequest&) {
    ApiResponse response = ApiResponse::text(text, content_type);
    response.headers.emplace_back("Content-Security-Policy", kPagePolicy);
    return response;
  };
  pages.add(std::move(asset));
}

/// Browsers take what is packed; of others nobody needs it.
void add_asset(RouteTable& pages, const PageAsset& asset) {
  Route route = page_route(std::string(asset.path).c_str(), "A part of the page that shows the API.");
  route.access = Access::open;
  route.handler = [asset](const ApiRequest&) {
    ApiResponse response = ApiResponse::text(std::string(asset.gzip), std::string(asset.content_type));
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.headers.emplace_back("Cache-Control", "private, max-age=86400");
    response.headers.emplace_back("Content-Security-Policy", kPagePolicy);
    return response;
  };
  pages.add(std::move(route));
}

}  // namespace

void add_document_pages(RouteTable& pages, const RouteTable& api, const std::string& version,
                        std::function<std::vector<Route>()> more) {
  for (const char* path : {"/api-spec.json", "/api-docs/swagger.json"}) {
    Route document = page_route(path, "The OpenAPI document of this node.");
    document.handler = [&api, version, more](const ApiRequest&) {
      return ApiResponse::json(openapi_document(api, version, more ? more() : std::vector<Route>()));
    };
    pages.add(std::move(document));
  }
  const std::vector<PageAsset> assets = page_assets();
  const char* const html = assets.empty() ? kPageHtml : kSwaggerHtml;
  add_page(pages, "/api-docs", "text/html; charset=utf-8", html);
  add_page(pages, "/api-docs/index.html", "text/html; charset=utf-8", html);
  add_page(pages, "/api-docs/plain", "text/html; charset=utf-8", kPageHtml);
  add_page(pages, "/api-docs/page.css", "text/css; charset=utf-8", kPageCss);
  add_page(pages, "/api-docs/page.js", "text/javascript; charset=utf-8", kPageScript);
  if (assets.empty()) return;
  add_page(pages, "/api-docs/swagger-page.js", "text/javascript; charset=utf-8", kSwaggerScript);
  for (const PageAsset& asset : assets) add_asset(pages, asset);
}

}  // namespace patchbay::admin

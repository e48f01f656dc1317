#include "admin/swagger_page.h"

namespace patchbay::admin {

const char* const kSwaggerHtml = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Patchbay API</title>
<link rel="stylesheet" href="/api-docs/page.css">
<link rel="stylesheet" href="/api-docs/swagger-ui.css">
<script src="/api-docs/swagger-ui-bundle.js" defer></script>
<script src="/api-docs/swagger-page.js" defer></script>
</head>
<body>
<form id="login">
<label>User <input id="username" autocomplete="username" value="admin"></label>
<label>Password <input id="password" type="password" autocomplete="current-password"></label>
<button>Log in</button>
<span id="state" role="status">Log in to see the operations of this node.</span>
<a href="/api-docs/plain">Plain page</a>
</form>
<div id="operations"></div>
</body>
</html>
)html";

const char* const kSwaggerScript = R"js('use strict';
// The token stays in this page's memory, and goes to this node only.
let token = '';

function withToken(request) {
  const target = new URL(request.url, location.href);
  if (token && target.origin === location.origin) request.headers.Authorization = 'Bearer ' + token;
  return request;
}

function show(spec) {
  SwaggerUIBundle({
    spec, dom_id: '#operations', docExpansion: 'none', filter: true, deepLinking: true, validatorUrl: null,
    displayRequestDuration: true, requestInterceptor: withToken
  });
}

document.getElementById('login').addEventListener('submit', async event => {
  event.preventDefault();
  const state = document.getElementById('state');
  token = '';
  const login = await fetch('/api/v5/login', {
    method: 'POST', headers: {'Content-Type': 'application/json'},
    body: JSON.stringify({username: document.getElementById('username').value,
                          password: document.getElementById('password').value})});
  const answer = await login.json();
  if (login.status !== 200) { state.textContent = answer.message; return; }
  token = answer.token;
  const got = await fetch('/api-spec.json', {headers: {Authorization: 'Bearer ' + token}});
  const spec = await got.json();
  if (got.status !== 200) { state.textContent = spec.message; return; }
  state.textContent = 'logged in as ' + answer.role;
  show(spec);
});
)js";

}  // namespace patchbay::admin

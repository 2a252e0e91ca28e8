// It runs in browsers, after swagger-ui-bundle.js, which has no types.
const browser = /** @type {any} */ (globalThis)
browser.SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#reader',
  deepLinking: true,
  displayRequestDuration: true,
  // Validators are services of somebody else.
  validatorUrl: null,
})

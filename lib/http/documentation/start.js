/* global SwaggerUIBundle */
SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#reader',
  deepLinking: true,
  displayRequestDuration: true,
  // Validators are services of somebody else.
  validatorUrl: null,
})

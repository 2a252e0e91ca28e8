// Runs in browsers, after swagger-ui-bundle.js, which has no types.
const { SwaggerUIBundle, document, matchMedia, MutationObserver } = /** @type {any} */ (globalThis)

/** What swagger-ui's elements lack: names, landmarks, places in the order of the Tab key, a field that hides a key. */
const ATTRIBUTES = {
  '.information-container': { role: 'region', 'aria-label': 'About' },
  'select.examples-select-element': { 'aria-label': 'Example' },
  'textarea.body-param__text': { 'aria-label': 'Body' },
  'button.json-schema-2020-12-accordion:has(> .json-schema-2020-12-accordion__children:empty)': {
    'aria-label': 'Open or close',
  },
  'pre.microlight, .model-box': { tabindex: '0' },
  '.modal-ux': { role: 'dialog', 'aria-modal': 'true', 'aria-label': 'Key' },
  'button.close-modal': { 'aria-label': 'Close' },
  // Its own name is another one than what it shows.
  '.auth-btn-wrapper button.authorize': { 'aria-label': 'Authorize' },
  '#auth-bearer-value': { type: 'password', autocomplete: 'off', 'aria-label': 'Value' },
}

const root = document.getElementById('documentation')
new MutationObserver(() => {
  for (const [selector, attributes] of Object.entries(ATTRIBUTES))
    for (const element of root.querySelectorAll(selector))
      for (const [name, value] of Object.entries(attributes))
        if (element.getAttribute(name) !== value) element.setAttribute(name, value)
}).observe(root, { childList: true, subtree: true })

const darkness = matchMedia('(prefers-color-scheme: dark)')
const showDarkness = () => document.documentElement.classList.toggle('dark-mode', darkness.matches)
darkness.addEventListener('change', showDarkness)
showDarkness()

const ui = SwaggerUIBundle({
  url: 'openapi.json',
  domNode: root,
  deepLinking: true,
  displayRequestDuration: true,
  // Its colours are hard to read, and highlighting takes longer than all the rest.
  syntaxHighlight: { activated: false },
  // The validator would be somebody else's service.
  validatorUrl: null,
  plugins: [
    (/** @type {any} */ { React }) => ({
      components: {
        // Its link would stand within the button that opens the operation. The address changes without it.
        DeepLink: (/** @type {{ text: string }} */ { text }) => React.createElement('span', null, text),
        // There is only one server to choose.
        ServersContainer: () => null,
      },
    }),
  ],
  onComplete() {
    document.querySelector('[data-value="version"]').textContent = ui.specSelectors.version()
  },
})

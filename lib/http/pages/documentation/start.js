// It runs in browsers, after swagger-ui-bundle.js, which has no types.
const { SwaggerUIBundle, document, matchMedia, MutationObserver } = /** @type {any} */ (globalThis)

/** What swagger-ui gives no name to, or cannot be reached with the keyboard. */
const ATTRIBUTES = {
  'select.examples-select-element': { 'aria-label': 'Example' },
  'textarea.body-param__text': { 'aria-label': 'Body' },
  'button.json-schema-2020-12-accordion:has(> .json-schema-2020-12-accordion__children:empty)': {
    'aria-label': 'Open or close',
  },
  'pre.microlight, .model-box': { tabindex: '0' },
}

const reader = document.getElementById('reader')
new MutationObserver(() => {
  for (const [selector, attributes] of Object.entries(ATTRIBUTES))
    for (const element of reader.querySelectorAll(selector))
      for (const [name, value] of Object.entries(attributes))
        if (!element.hasAttribute(name)) element.setAttribute(name, value)
}).observe(reader, { childList: true, subtree: true })

const darkness = matchMedia('(prefers-color-scheme: dark)')
const showDarkness = () => document.documentElement.classList.toggle('dark-mode', darkness.matches)
darkness.addEventListener('change', showDarkness)
showDarkness()

const reading = SwaggerUIBundle({
  url: 'openapi.json',
  domNode: reader,
  deepLinking: true,
  displayRequestDuration: true,
  // In its own colours, which are hard to read, and longer than all else takes.
  syntaxHighlight: { activated: false },
  // Validators are services of somebody else.
  validatorUrl: null,
  plugins: [
    (/** @type {any} */ { React }) => ({
      components: {
        // A link would be within the button that opens the operation. The address follows all the same.
        DeepLink: (/** @type {{ text: string }} */ { text }) => React.createElement('span', null, text),
        // There is one to choose from.
        ServersContainer: () => null,
      },
    }),
  ],
  onComplete() {
    document.querySelector('[data-value="version"]').textContent = reading.specSelectors.version()
  },
})

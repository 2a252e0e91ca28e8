const STORAGE_KEY = 'clickcounter.scheme'

const inputs = /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll('[name=scheme]'))
const bars = /** @type {NodeListOf<HTMLMetaElement>} */ (document.querySelectorAll('meta[name=theme-color]'))

/**
 * Light, dark, or as the system has it: shows what scheme.js has read, and keeps what is chosen in the browser.
 * @param {() => void} onChanged
 */
export function startSchemeChoice(onChanged) {
  const { dataset } = document.documentElement
  for (const input of inputs) {
    input.checked = input.value === dataset.scheme
    input.addEventListener('change', () => {
      dataset.scheme = input.value
      keep(input.value)
      tintBars(input.value)
      onChanged()
    })
  }
  tintBars(dataset.scheme ?? 'system')
}

/** @param {string} scheme */
function keep(scheme) {
  try {
    localStorage.setItem(STORAGE_KEY, scheme)
  } catch {
    // The browser forbids storage: the choice ends with the page.
  }
}

/** The browser's own bars, which no stylesheet reaches. @param {string} scheme */
function tintBars(scheme) {
  for (const bar of bars) {
    const own = bar.dataset.scheme
    if (scheme === 'system') bar.media = `(prefers-color-scheme: ${own})`
    else bar.media = scheme === own ? 'all' : 'not all'
  }
}

/**
 * Makes an element. What comes from the service is put in as text, never as HTML.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Readonly<Record<string, string | boolean>>} attributes `true` sets one without a value, `false` leaves it out
 * @param {...(Node | string)} children
 */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name)
  for (const [attribute, value] of Object.entries(attributes))
    if (typeof value === 'string') element.setAttribute(attribute, value)
    else element.toggleAttribute(attribute, value)
  element.append(...children)
  return element
}

/** An element of the page, by its id. */
export function byId(/** @type {string} */ id) {
  return /** @type {HTMLElement} */ (document.getElementById(id))
}

/**
 * Writes a text, unless it stands there: a screen reader would read it again.
 * @param {Node} node
 * @param {string} text
 */
export function writeText(node, text) {
  if (node.textContent !== text) node.textContent = text
}

/** A sentence, with what stands between two backticks as code. @param {string} text */
export function codeWords(text) {
  return text.split('`').map((part, index) => (index % 2 === 1 ? make('code', {}, part) : part))
}

const ROLES = {
  table: 'table',
  'thead, tbody': 'rowgroup',
  tr: 'row',
  'th[scope=col]': 'columnheader',
  'th[scope=row]': 'rowheader',
  td: 'cell',
}

/**
 * Says what is a table: on a phone its parts are laid out as a grid, and browsers may take them for something else then.
 * @param {HTMLElement} root
 */
export function keepRoles(root) {
  for (const [selector, role] of Object.entries(ROLES))
    for (const element of [root, ...root.querySelectorAll(selector)])
      if (element.matches(selector)) element.role = role
}

import { snippets } from '../banners/snippets.js'
import { make } from '../dom.js'

/** What to do as long as no click was ever counted. */
export function firstSteps() {
  const base = new URL('.', location.href).href
  const [link, script] = snippets({ id: 1, name: 'Autumn sale', target: 'https://shop.example/' }, base)
  const step = (/** @type {(Node | string)[]} */ ...content) => make('li', {}, ...content)
  const code = (/** @type {string} */ name, /** @type {string} */ text) =>
    make('pre', { tabindex: '0', role: 'group', 'aria-label': name }, make('code', {}, text))
  return make(
    'div',
    { class: 'first-steps' },
    make('p', { class: 'title' }, 'No click has been counted yet'),
    make(
      'ol',
      {},
      step(
        make('a', { href: '#/banners' }, 'Register a banner'),
        ', so that it has a name and a target. It also counts without that.',
      ),
      step(
        'Put its code into your pages: a link that leads on,',
        code('Link', link?.code ?? ''),
        'or the script, which counts clicks on any element.',
        code('Script', script?.code ?? ''),
      ),
      step('Or count a first click from a shell.', code('Command', `curl -X POST ${base}counter/1`)),
    ),
    make('p', { class: 'line' }, 'This page looks for it every ten seconds.'),
  )
}

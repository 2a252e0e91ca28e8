import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { TestPage } from './page-site.ts'

const SCRIPT = readFileSync(new URL('../../lib/script/clickcounter.js', import.meta.url), 'utf8')
const HASH = createHash('sha384').update(SCRIPT).digest('base64')

/**
 * In front of the script: what it hands over and warns of is noted in the page, so that a test need not wait for what
 * may never come. Nothing that is clicked leads away.
 */
const WATCH = `<script>
  var before = Object.keys(window), globals = () => Object.keys(window).filter(name => !before.includes(name) && !own.includes(name))
  var own = ['globals', 'own', 'sent', 'warnings', 'failures', 'events', 'options']
  var sent = [], warnings = [], failures = [], events = [], options
  navigator.sendBeacon = url => { sent.push(String(url)); return true }
  console.warn = text => warnings.push(text)
  addEventListener('error', ({ message }) => failures.push(message))
  addEventListener('unhandledrejection', ({ reason }) => failures.push(String(reason)))
  for (const type of ['click', 'auxclick']) addEventListener(type, event => { events.push(type); if (event.target.closest('a')) event.preventDefault() })
</script>`

const LINK = '<a href="/other" data-banner="1">link</a>'

/** All pages of the tests, by path. `counter`: its address. */
export function pages(counter: string): Readonly<Record<string, TestPage | string>> {
  const source = `${counter}/clickcounter.js`
  const plain = `<script src="${source}"></script>`
  return {
    elements: WATCH + plain + ELEMENTS + frames(WATCH + plain),
    plain: WATCH + plain + LINK,
    refused: `${WATCH}<script>clickcounter = { consent: () => false }</script>${plain}${LINK}`,
    async: `${WATCH}<script async src="${source}"></script>${LINK}`,
    defer: `${WATCH}<script defer src="${source}?any=query"></script>${LINK}`,
    module: `${WATCH}<script type="module" src="${source}"></script>${LINK}`,
    added: `${WATCH}<script>document.head.append(Object.assign(document.createElement('script'), { src: '${source}' }))</script>${LINK}`,
    twice: `${WATCH}${plain}${plain}<script async src="${source}"></script>${LINK}`,
    elsewhere: `${WATCH}<script data-counter="${counter}/">${SCRIPT}</script>${LINK}`,
    below: `${WATCH}<script data-counter="${counter}/clicks/">${SCRIPT}</script>${LINK}`,
    imported: `${WATCH}<script type="module" data-counter="${counter}/">import '${source}'</script>${LINK}`,
    nowhere: `${WATCH}<script type="module">${SCRIPT}</script>${LINK}`,
    policy: {
      text: plain + LINK,
      headers: {
        'content-security-policy': `default-src 'none'; script-src ${counter}; connect-src ${counter}`,
      },
    },
    integrity: `<script src="${source}" crossorigin="anonymous" integrity="sha384-${HASH}"></script>${LINK}`,
    isolated: {
      text: plain + LINK,
      headers: {
        'cross-origin-embedder-policy': 'require-corp',
        'cross-origin-opener-policy': 'same-origin',
      },
    },
    left:
      '<script>var hasComeBack, sent = []; addEventListener("pageshow", ({ persisted }) => { hasComeBack = persisted })' +
      `;navigator.sendBeacon = url => { sent.push(url); return true }</script>${plain}${LINK}`,
    other: '<p>another page</p>',
  }
}

const ELEMENTS = `
  <p><a id="link" href="/other" data-banner="1">link</a> <button id="button" data-banner="2">button</button></p>
  <div data-banner="3"><span id="beside">outer</span> <span data-banner="4"><b id="inner">inner</b></span></div>
  <a href="/other" data-banner="5"><svg width="40" height="20"><rect id="picture" width="40" height="20" /></svg></a>
  <p><button id="prevented" data-banner="7">prevented</button> <button id="stopped" data-banner="8">stopped</button>
    <button id="hidden" data-banner="9">hidden</button></p>
  <p><button id="disabled" data-banner="10" disabled>disabled</button>
    <span data-banner="14"><button id="disabled-inside" disabled>inside</button></span></p>
  <fieldset disabled><button id="disabled-by-fieldset" data-banner="15">fieldset</button></fieldset>
  <p><label data-banner="16"><span id="label">label</span> <input type="checkbox"></label></p>
  <p id="open" data-banner="99"></p><p id="closed" data-banner="13"></p>
  <script>
    prevented.onclick = event => event.preventDefault()
    stopped.onclick = event => event.stopImmediatePropagation()
    document.addEventListener('click', event => { if (event.target.id === 'hidden') event.stopImmediatePropagation() }, true)
    const rootOf = (host, mode, html) => Object.assign(host.attachShadow({ mode }), { innerHTML: html })
    window.openRoot = rootOf(document.getElementById('open'), 'open', '<i id="in-open" data-banner="11">open</i> <span id="deep"></span>')
    window.deepRoot = rootOf(openRoot.getElementById('deep'), 'open', '<i id="in-deep" data-banner="12">deep</i>')
    window.closedRoot = rootOf(document.getElementById('closed'), 'closed', '<i id="in-closed" data-banner="98">closed</i>')
  </script>`

/** A frame with the script in it, and one without. A click in the middle of each is one of its link. */
function frames(head: string): string {
  const link = '<a href="/other" data-banner="20" style="position:fixed;inset:0">framed</a>'
  const frame = (id: string, html: string) =>
    `<iframe id="${id}" width="100" height="40" srcdoc="${html.replaceAll('"', '&quot;')}"></iframe>`
  const bare =
    '<script>var events = []; addEventListener("click", event => { event.preventDefault(); events.push("click") })</script>'
  return frame('frame', head + link) + frame('bare-frame', bare + link)
}

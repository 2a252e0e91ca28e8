/* clickcounter.js 1, MIT licence. What it does: docs/pages.md of clickcounter */
;(() => {
  'use strict'
  const own = (window.clickcounter = window.clickcounter || {})
  // Loaded twice, it would count twice.
  if (own.count) return

  // In a module there is no currentScript.
  const script = /** @type {HTMLScriptElement | null} */ (
    document.currentScript || document.querySelector('script[data-counter],script[src*="/clickcounter.js"]')
  )
  if (!script) throw Error('clickcounter: no script element has data-counter, the address of the counter')
  const address = new URL('counter/', script.dataset.counter || script.src)
  const warned = new Set()

  const count = (own.count = id => {
    if (!/^[1-9]\d*$/.test(`${id}`) || +id > 2147483647) {
      if (!warned.has(id)) console.warn(`clickcounter: "${id}" is no banner id (1 to 2147483647)`)
      warned.add(id)
      return false
    }
    const send = () => {
      const url = address.href + id
      if (!navigator.sendBeacon || !navigator.sendBeacon(url))
        fetch(url, { method: 'POST', keepalive: true, credentials: 'omit' }).catch(() => {})
      return true
    }
    // The page may have put another object there since.
    const { consent } = window.clickcounter || own
    const answer = !consent || consent()
    return answer === true ? send() : !!answer && answer.then(isYes => isYes === true && send())
  })

  const onClick = (/** @type {MouseEvent} */ event) => {
    // No clicks by scripts, and none of the right button. Safari before 18.2 has no auxclick.
    if (!event.isTrusted || event.button > 1) return
    for (const { dataset } of /** @type {HTMLElement[]} */ (event.composedPath()))
      if (dataset && dataset.banner !== undefined) return void count(dataset.banner)
  }
  // On the way down: ahead of what may stop the event or leave the page.
  addEventListener('click', onClick, true)
  addEventListener('auxclick', onClick, true)
})()

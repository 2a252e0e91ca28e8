/**
 * The ways in which a page of another origin can count a click. Each case has a banner of its own: `one` is the banner's
 * address, `many` the address that takes `bulk`, one click of it. A case must resolve to true.
 *
 * @typedef {{ readonly one: string, readonly many: string, readonly bulk: string }} Click
 * @typedef {Readonly<Record<string, (click: Click) => unknown>>} Cases
 */

const CUSTOM = {
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  'X-Requested-With': 'XMLHttpRequest',
}

/** @param {string} text */
const jsonBlob = text => new Blob([text], { type: 'application/json' })

/** @type {(url: string, options: RequestInit) => Promise<boolean>} */
const answered = async (url, options) => (await fetch(url, options)).ok

/** @type {(url: string) => Promise<boolean>} */
const loaded = url =>
  new Promise(resolve => {
    const image = new Image()
    image.onload = () => resolve(true)
    image.onerror = () => resolve(false)
    image.src = url
  })

function form() {
  const data = new FormData()
  data.append('banner', 'autumn')
  return data
}

/** @type {Cases} */
export const cases = {
  'a beacon of nothing': ({ one }) => navigator.sendBeacon(one),
  'a beacon of a string': ({ one }) => navigator.sendBeacon(one, 'click'),
  'a beacon of a Blob without a type': ({ one }) => navigator.sendBeacon(one, new Blob(['click'])),
  'a beacon of a JSON Blob': ({ one }) => navigator.sendBeacon(one, jsonBlob('{}')),
  'a beacon of FormData': ({ one }) => navigator.sendBeacon(one, form()),
  'a beacon of URLSearchParams': ({ one }) => navigator.sendBeacon(one, new URLSearchParams({ a: 'b' })),
  'a beacon of bytes': ({ one }) => navigator.sendBeacon(one, new Uint8Array([1, 2, 3])),
  'a bulk by a beacon of a string': ({ many, bulk }) => navigator.sendBeacon(many, bulk),
  'a bulk by a beacon of a JSON Blob': ({ many, bulk }) => navigator.sendBeacon(many, jsonBlob(bulk)),
  'a bulk by a beacon of a text Blob': ({ many, bulk }) =>
    navigator.sendBeacon(many, new Blob([bulk], { type: 'text/plain' })),
  'fetch of GET': ({ one }) => answered(one, {}),
  'fetch of GET with credentials': ({ one }) => answered(one, { credentials: 'include' }),
  'fetch of GET with keepalive': ({ one }) => answered(one, { keepalive: true }),
  'fetch of GET with headers of its own': ({ one }) => answered(one, { headers: CUSTOM }),
  'fetch without CORS': async ({ one }) => (await fetch(one, { mode: 'no-cors' })).type === 'opaque',
  'fetch of POST with keepalive and credentials': ({ one }) =>
    answered(one, { method: 'POST', keepalive: true, credentials: 'include', body: 'click' }),
  'fetch of POST with headers of its own and credentials': ({ one }) =>
    answered(one, { method: 'POST', headers: CUSTOM, credentials: 'include', body: form() }),
  'a bulk by fetch with headers of its own and credentials': async ({ many, bulk }) => {
    const headers = { ...CUSTOM, 'Content-Type': 'application/json' }
    const answer = await fetch(many, { method: 'POST', headers, credentials: 'include', body: bulk })
    return (await answer.json()).accepted === 1
  },
  'XMLHttpRequest with headers of its own and credentials': ({ one }) =>
    new Promise(resolve => {
      const request = new XMLHttpRequest()
      request.open('POST', one)
      request.withCredentials = true
      for (const [name, value] of Object.entries(CUSTOM)) request.setRequestHeader(name, value)
      request.onloadend = () => resolve(request.status === 204)
      request.send()
    }),
  'an image': ({ one }) => loaded(`${one}.gif`),
  'an image without a picture': async ({ one }) => !(await loaded(one)),
  'a frame that has no origin': ({ one }) =>
    new Promise(resolve => {
      addEventListener('message', ({ data }) => resolve(data === true), { once: true })
      const frame = document.createElement('iframe')
      frame.setAttribute('sandbox', 'allow-scripts')
      frame.srcdoc = `<script>
        fetch('${one}', { method: 'POST', credentials: 'include', headers: { 'X-Requested-With': 'a frame' } })
          .then(answer => parent.postMessage(answer.ok, '*'), () => parent.postMessage(false, '*'))
      </script>`
      document.body.append(frame)
    }),
}

/** While the page is left. @type {Cases} */
export const leaving = {
  'a beacon of nothing, when the page is left': ({ one }) => navigator.sendBeacon(one),
  'a beacon of a JSON Blob, when the page is left': ({ one }) => navigator.sendBeacon(one, jsonBlob('{}')),
  'a bulk by a beacon, when the page is left': ({ many, bulk }) => navigator.sendBeacon(many, bulk),
  'fetch with keepalive, when the page is left': ({ one }) => {
    fetch(one, { method: 'POST', keepalive: true, credentials: 'include' }).catch(() => {})
    return true
  },
}

/** By the link that the page is left through. */
export const PING = 'a link that pings'

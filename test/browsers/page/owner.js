/* A page of the service's own origin: it logs in, goes away to pages that are not, and looks what is left. */

const options = new URLSearchParams(location.search)
const json = { 'content-type': 'application/json' }

/** @param {string} method @param {object} [body] */
async function session(method, body) {
  const response = await fetch('/session', {
    method,
    ...(body ? { headers: json, body: JSON.stringify(body) } : {}),
  })
  return { status: response.status, name: (await response.json()).name }
}

async function clicks() {
  const range = { from: '2024-12-12', to: '2024-12-13' }
  return (await fetch('/stats/1', { method: 'POST', headers: json, body: JSON.stringify(range) })).status
}

if (options.has('next')) {
  const wrong = await session('POST', { key: 'cck_' })
  const loggedIn = await session('POST', { key: options.get('key') })
  const report = { wrong, loggedIn, cookie: document.cookie, read: await clicks() }
  await fetch('/report', { method: 'POST', body: JSON.stringify({ before: report }) })
  location.href = /** @type {string} */ (options.get('next'))
} else {
  const left = await session('GET')
  const read = await clicks()
  const out = await session('DELETE')
  const report = { left, read, out, readAfter: await clicks(), now: await session('GET') }
  await fetch('/report', { method: 'POST', body: JSON.stringify({ after: report }) })
}

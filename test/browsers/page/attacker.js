/* A page of another origin: it tries to use the session that its visitor has at the service. */

const options = new URLSearchParams(location.search)
const service = /** @type {string} */ (options.get('service'))
const body = JSON.stringify({ key: options.get('key') })
const range = '{"from":"2024-12-12","to":"2024-12-13"}'
const json = { 'content-type': 'application/json' }

/** @type {Record<string, () => Promise<unknown>>} each resolves with what the page has learnt */
const tries = {
  read: () => ask('/session', {}),
  readClicks: () => ask('/stats/1', { method: 'POST', headers: json, body: range }),
  sendQuestion: () => ask('/stats/1', { method: 'POST', mode: 'no-cors', body: range }),
  sendBulk: () => ask('/counter', { method: 'POST', mode: 'no-cors', body: '{"clicks":[{"id":1}]}' }),
  sendKey: () => ask('/session', { method: 'POST', mode: 'no-cors', body }),
  logIn: () => ask('/session', { method: 'POST', headers: json, body }),
  logOut: () => ask('/session', { method: 'DELETE' }),
  submit: () => submit('/session', body),
  submitBulk: () => submit('/counter', '{"clicks":[{"id":1}]}'),
}

/** @param {string} path @param {RequestInit} init */
async function ask(path, init) {
  const response = await fetch(service + path, { ...init, credentials: 'include' })
  // Of what it may not read, a page sees the status 0 and no text.
  return response.status === 0 ? 'nothing' : response.text()
}

/** Has a form send text that is JSON, into a frame. @param {string} path @param {string} text */
async function submit(path, text) {
  const frame = Object.assign(document.createElement('iframe'), { name: 'frame' })
  const form = Object.assign(document.createElement('form'), {
    action: service + path,
    method: 'post',
    enctype: 'text/plain',
    target: 'frame',
  })
  const field = Object.assign(document.createElement('input'), {
    // As text/plain, name and value are joined by =.
    name: `${text.slice(0, -1)},"padding":"`,
    value: '"}',
  })
  form.append(field)
  document.body.append(frame, form)
  const answered = new Promise(resolve => frame.addEventListener('load', resolve))
  form.submit()
  await answered
  frame.remove()
  form.remove()
  return 'nothing'
}

/** @type {Record<string, unknown>} */
const learnt = {}
for (const [name, attempt] of Object.entries(tries)) learnt[name] = await attempt().catch(() => 'nothing')
await fetch('/report', { method: 'POST', body: JSON.stringify({ [String(options.get('name'))]: learnt }) })
location.href = /** @type {string} */ (options.get('next'))

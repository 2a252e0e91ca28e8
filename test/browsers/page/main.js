import { cases, leaving, PING } from './cases.js'

/* The page counts in every way there is, reports what it came to, then goes to another one, and counts as it goes. */

const PATIENCE_MS = 5000
const service = new URLSearchParams(location.search).get('service')
const ways = [...Object.keys(cases), ...Object.keys(leaving), PING]
/** @type {string[]} */
const failures = []

/** Its banner is the way's place. @param {string} name */
function clickOf(name) {
  const id = 1 + ways.indexOf(name)
  const bulk = JSON.stringify({ clicks: [{ id }] })
  return { one: `${service}/counter/${id}`, many: `${service}/counter`, bulk }
}

/** @type {(name: string, result: unknown) => Promise<void>} */
async function expectTrue(name, result) {
  const late = new Promise(resolve => setTimeout(resolve, PATIENCE_MS, 'no answer'))
  const outcome = await Promise.race([result, late]).catch(error => error)
  if (outcome !== true) failures.push(`${name}: ${outcome}`)
}

await Promise.all(Object.entries(cases).map(([name, count]) => expectTrue(name, count(clickOf(name)))))

// Before it goes: what is kept for the next page at the last moment need not be there yet when that begins.
await fetch('report', { method: 'POST', body: JSON.stringify({ ways, failures }) })
addEventListener('pagehide', () => {
  for (const [name, count] of Object.entries(leaving)) count(clickOf(name))
})
const link = document.createElement('a')
link.href = 'last'
link.ping = clickOf(PING).one
document.body.append(link)
link.click()

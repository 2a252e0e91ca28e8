import { cases, leaving, PING } from './cases.js'

/* The page counts in every way, reports how that went, then goes to another page, and counts as it leaves. */

const PATIENCE_MS = 5000
const service = new URLSearchParams(location.search).get('service')
const ways = [...Object.keys(cases), ...Object.keys(leaving), PING]
/** @type {string[]} */
const failures = []

/** The banner's id is the position of the way. @param {string} name */
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

// Before the page leaves: what a page stores in its last moment may be missing when the next page begins.
await fetch('report', { method: 'POST', body: JSON.stringify({ ways, failures }) })
addEventListener('pagehide', () => {
  for (const [name, count] of Object.entries(leaving)) count(clickOf(name))
})
const link = document.createElement('a')
link.href = 'last'
link.ping = clickOf(PING).one
document.body.append(link)
link.click()

import { cases, leaving, PING } from './cases.js'

/* The first page counts in every way there is, then goes to the second one, which reports what it came to. */

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

addEventListener('pagehide', () => {
  for (const [name, count] of Object.entries(leaving))
    if (count(clickOf(name)) !== true) failures.push(`${name}: not sent`)
  sessionStorage.setItem('report', JSON.stringify({ ways, failures }))
})
const link = document.createElement('a')
link.href = 'last'
link.ping = clickOf(PING).one
document.body.append(link)
link.click()

import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Ways past the public interfaces of Node and of libraries. A `#` member is our own. */
const INTERNALS: Readonly<Record<string, RegExp>> = {
  'a member that begins with an underscore': /[\w)\]]\??\._[a-z]|['"]_[a-z]\w*['"]/i,
  "a class's method called past the class": /\.prototype\b/,
  "somebody else's listeners": /\.(?:raw)?[lL]isteners\(|\.removeAllListeners\(/,
  'members looked up at run time': /\bReflect\.|\.getOwnProperty/,
  "the bindings to Node's C++": /\bbinding\b/i,
}

describe("Node's internals", () => {
  it("are touched by the lane's wire by the handle alone", () => {
    const files = ['lib', 'workers', 'db'].flatMap(sourcesIn)
    expect(files.length).to.be.above(100)
    const touched = files.flatMap(file => {
      const text = readFileSync(join(ROOT, file), 'utf8')
      return Object.entries(INTERNALS)
        .filter(([, pattern]) => pattern.test(text))
        .map(([what]) => `${file}: ${what}`)
    })
    expect(touched).to.deep.equal([
      'lib/http/lane/handle-wire.ts: a member that begins with an underscore',
      'lib/http/lane/handle-wire.ts: members looked up at run time',
      "lib/http/lane/handle-wire.ts: the bindings to Node's C++",
    ])
  })
})

/** What runs in Node: the page's scripts run in browsers. */
function sourcesIn(directory: string): string[] {
  return readdirSync(join(ROOT, directory), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.[jt]s$/.test(entry.name))
    .map(entry => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter(file => !/\/page\/|\/pages\/documentation\//.test(file))
}

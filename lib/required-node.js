/*
 * Loaded before every program that package.json starts, and in plain JavaScript: an older Node cannot even read the
 * rest, and would call it a syntax error.
 */
const MAJOR = 26

if (Number.parseInt(process.versions.node, 10) < MAJOR || process.versions.bun !== undefined) {
  const present =
    process.versions.bun === undefined ? `Node ${process.version}` : `Bun ${process.versions.bun}`
  process.stderr.write(
    `clickcounter runs on Node ${MAJOR} or later, and this is ${present}. "npm install" brings Node ${MAJOR} along, unless ` +
      'optional packages or install scripts are left out: have them in, or install it yourself.\n',
  )
  process.exit(1)
}

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { ConfigError } from '../../lib/base/errors.ts'
import { BotRules } from '../../lib/bots/bot-rules.ts'
import { readBotLists } from '../../lib/bots/read-bot-lists.ts'

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0'
const NOBODY = 65_534
const PATTERNS = 'a part of a User-Agent a line, as plain text: ExampleBot/, ^first words, or last words$'
const RANGES = 'an IP address or a CIDR range a line, such as 192.0.2.5 or 2001:db8::/32'

describe('the lists of bots', () => {
  let directory: string
  const path = (name: string) => join(directory, name)

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'clickcounter-bots-'))
  })
  after(() => rmSync(directory, { recursive: true }))

  const write = (name: string, content: string | Buffer) => {
    writeFileSync(path(name), content)
    return path(name)
  }
  const read = (patterns: string | null, addresses: string | null) =>
    readBotLists({
      areBotsClassed: true,
      botPatternsFile: patterns,
      botAddressesFile: addresses,
      duplicateWindowMs: 0,
    })
  const mistakes = async (patterns: string | null, addresses: string | null): Promise<readonly string[]> => {
    const error: unknown = await read(patterns, addresses).catch(error => error)
    expect(error).to.be.instanceOf(ConfigError)
    return (error as ConfigError).mistakes
  }

  it('are none where no file is set', async () => {
    expect(await read(null, null)).to.equal(null)
  })

  it('have an entry a line, between comments, blank lines and blanks, each once', async () => {
    const patterns = write(
      'patterns',
      '# ours\nAcmeReader\n\n  acmereader  \n#NoPattern\nWith # inside\n^First',
    )
    const addresses = write(
      'addresses',
      '10.0.0.0/8 # ours\n\n#192.0.2.1\n10.0.0.0/8\n2001:DB8::/32\n  ::1  \n',
    )
    const lists = (await read(patterns, addresses))!
    expect(lists.patterns).to.deep.equal(['acmereader', 'with # inside', '^first'])
    expect(lists.ranges.count).to.equal(3)
    const rules = new BotRules(lists)
    expect(rules.isBot(FIREFOX, '192.0.2.1')).to.equal(false)
    for (const address of ['10.1.2.3', '2001:db8:1::', '::1'])
      expect(rules.isBot(FIREFOX, address), address).to.equal(true)
  })

  it('may be empty, have a byte order mark, and end their lines as Windows does', async () => {
    expect((await read(write('empty', ''), write('comments', '# none\n')))!.ranges.count).to.equal(0)
    const lists = (await read(write('bom', '\uFEFFAcme\r\nOther\r\n'), null))!
    expect(lists.patterns).to.deep.equal(['acme', 'other'])
  })

  for (const [line, what] of [
    ['ab', 'is too short: at least 3 characters'],
    ['^ab$', 'is too short: at least 3 characters'],
    ['x'.repeat(257), 'is too long: at most 256 characters'],
    ['Mozilla/5.0', 'is in the User-Agent of ordinary browsers'],
    ['^mozilla', 'is in the User-Agent of ordinary browsers'],
    ['safari/537.36$', 'is in the User-Agent of ordinary browsers'],
    ['(a+)+b|c', 'is no plain text: \\ | * .+ and (? are not understood'],
    ['Acme.*', 'is no plain text: \\ | * .+ and (? are not understood'],
    ['Acme\\d', 'is no plain text: \\ | * .+ and (? are not understood'],
    ['Acme|1|1', 'is no plain text: \\ | * .+ and (? are not understood'],
    ['Bücher', 'has other characters than visible ASCII'],
    ['Acme\tReader', 'has other characters than visible ASCII'],
    ['Acme\rOther', 'has other characters than visible ASCII'],
    ['Acme\0', 'has other characters than visible ASCII'],
  ] as const)
    it(`name a wrong pattern by file and line: ${JSON.stringify(line.slice(0, 20))}`, async () => {
      const file = write('wrong', `# patterns\nAcme\n${line}\n`)
      const shown = JSON.stringify(line.length > 80 ? `${line.slice(0, 80)}…` : line)
      expect(await mistakes(file, null)).to.deep.equal([
        `line 3 of CLICKCOUNTER_BOT_PATTERNS_FILE (${JSON.stringify(file)}): ${shown} ${what}; allowed is ${PATTERNS}`,
      ])
    })

  for (const [line, what] of [
    ['10.0.0.0/33', '"10.0.0.0/33" has a length that is no number from 0 to 32'],
    ['10.0.0.1/8', '"10.0.0.1/8" has bits behind its first 8: write 10.0.0.0/8 or 10.0.0.1'],
    ['0.0.0.0/0', '"0.0.0.0/0" means everybody'],
    ['::/0 # all', '"::/0 # all" means everybody'],
    ['10.0.0.1,Acme', '"10.0.0.1,Acme" is no IP address and no range of them (names are not looked up)'],
    [
      '10.0.0.1 10.0.0.2',
      '"10.0.0.1 10.0.0.2" is no IP address and no range of them (names are not looked up)',
    ],
    [
      '{ "prefixes": [',
      '"{ \\"prefixes\\": [" is no IP address and no range of them (names are not looked up)',
    ],
  ] as const)
    it(`name a wrong range by file and line: ${line}`, async () => {
      const file = write('wrong', `::1\r\n\r\n10.0.0.1\r\n${line}\r\n`)
      expect(await mistakes(null, file)).to.deep.equal([
        `line 4 of CLICKCOUNTER_BOT_ADDRESSES_FILE (${JSON.stringify(file)}): ${what}; allowed is ${RANGES}`,
      ])
    })

  it('name the one wrong line among 100 000, and five of many in each file', async () => {
    const lines = Array.from(
      { length: 100_000 },
      (_, nth) => `10.${nth >> 16}.${(nth >> 8) & 255}.${nth & 255}`,
    )
    lines[71_233] = '10.0.0'
    expect(
      (await mistakes(null, write('long', lines.join('\n')))).map(line => line.slice(0, 13)),
    ).to.deep.equal(['line 71234 of'])
    const wrong = write('many', 'ab\n'.repeat(10_000))
    expect((await mistakes(wrong, wrong)).map(line => line.slice(0, 20))).to.deep.equal(
      Array.from({ length: 2 }, () => [
        ...[1, 2, 3, 4, 5].map(nth => `line ${nth} of CLICKCOUNTER`.slice(0, 20)),
        'and 9995 more wrong ',
      ]).flat(),
    )
  })

  it('have at most 5 000 patterns, 250 000 ranges and 16 MiB', async () => {
    const patterns = Array.from({ length: 5001 }, (_, nth) => `Acme${nth};`)
    expect((await read(write('most', patterns.slice(1).join('\n')), null))!.patterns).to.have.length(5000)
    expect((await mistakes(write('more', patterns.join('\n')), null))[0]).to.match(
      /"[^"]+\/more", which has too many entries; allowed are 5000 at most$/,
    )
    const ranges = Array.from(
      { length: 250_001 },
      (_, nth) => `10.${nth >> 16}.${(nth >> 8) & 255}.${nth & 255}`,
    )
    expect((await mistakes(null, write('more', ranges.join('\n'))))[0]).to.match(
      /"[^"]+\/more", which has too many entries; allowed are 250000 at most$/,
    )
    truncateSync(write('huge', ''), 2 ** 40)
    expect((await mistakes(path('huge'), null))[0]).to.contain(
      'which has more than 16 MiB; allowed is a text file',
    )
  })

  it('are refused when they are no text file, and nobody waits for one', async () => {
    mkdirSync(path('directory'))
    execFileSync('mkfifo', [path('fifo')])
    symlinkSync(path('loop'), path('loop'))
    for (const [file, what] of [
      [path('missing'), 'cannot be read (ENOENT)'],
      [path('loop'), 'cannot be read (ELOOP)'],
      [path('directory'), 'is a directory'],
      [path('fifo'), 'is no regular file'],
      ['/dev/zero', 'is no regular file'],
      [write('binary', Buffer.from([0xff, 0xfe, 0x41, 0x00])), 'is no text in UTF-8'],
      [write('latin1', Buffer.from('Bücher', 'latin1')), 'is no text in UTF-8'],
    ] as const)
      expect((await mistakes(null, file))[0]).to.equal(
        `CLICKCOUNTER_BOT_ADDRESSES_FILE is ${JSON.stringify(file)}, which ${what}; allowed is a text file with ${RANGES}`,
      )
  })

  it('are refused when they may not be read', async () => {
    const file = write('secret', '10.0.0.1')
    execFileSync('chmod', ['000', file])
    execFileSync('chmod', ['755', directory])
    const isRoot = process.geteuid!() === 0
    if (isRoot) process.seteuid!(NOBODY)
    try {
      expect((await mistakes(null, file))[0]).to.contain('which cannot be read (EACCES)')
    } finally {
      if (isRoot) process.seteuid!(0)
    }
  })

  it('are told of both at once', async () => {
    expect(await mistakes(path('missing'), write('wrong', '10.0.0'))).to.have.length(2)
  })
})

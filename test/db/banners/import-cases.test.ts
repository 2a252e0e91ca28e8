import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { BANNER_FORMATS, type BannerFormat } from '../../../db/banners/banner-format.ts'
import { readImport } from '../../../db/banners/import/read-import.ts'
import { cut, PLAIN, textOf } from './banner-files.ts'

describe('an import of banners', () => {
  let directory: string
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'clickcounter-import-'))
  })
  after(() => rm(directory, { recursive: true }))

  const read = async (text: string, format: BannerFormat) => {
    await using spool = await readImport(cut(Buffer.from(text), []), format, directory)
    return (await Array.fromAsync(spool.batches())).flat()
  }

  const faults: readonly (readonly [BannerFormat, string, RegExp])[] = [
    ['json', '', /^line 1: the file is empty: it should be a JSON array/],
    [
      'json',
      '\n{"id":1}',
      /^line 2: an array in JSON begins with \[; a banner on each line is the format ndj/,
    ],
    ['json', '[\n{"id":1,"name":"a"},\n]', /^line 3: a comma stands where no banner follows/],
    ['json', '[\n,{"id":1,"name":"a"}]', /^line 2: a comma stands where/],
    ['json', '[{"id":1,"name":"a"}\n', /^line 2: the file ends within the array/],
    ['json', '[{"id":1,"name":"a"}]\n\nx', /^line 3: something follows the end/],
    ['json', '[{"id":1,"name":"a"} {"id":2,"name":"a"}]', /^line 1, entry 1: it is not JSON/],
    [
      'json',
      '[{"id":1,"name":"a"},{"id":1,"name":"b"}]',
      /^line 1, entry 2: banner 1 is there already, in line 1, entry 1:/,
    ],
    ['json', '[7]', /^line 1, entry 1: a banner is a JSON object/],
    ['ndjson', '{"id":1,"name":"a","__proto__":{}}', /^line 1: "__proto__" is no field/],
    ['ndjson', '{"id":1,"name":"a"},', /^line 1: it is not JSON/],
    [
      'ndjson',
      '{"id":1,"name":"a","activeFrom":"2026-01-02","activeUntil":"2026-01-02"}',
      /^line 1: "activeFrom" must be before/,
    ],
    [
      'ndjson',
      '{"id":1,"name":"a"}\n{"id":2,"name":"a","target":"ftp://a/"}',
      /^line 2: the target must begin with https/,
    ],
    [
      'ndjson',
      '{"id":1,"name":"a"}\n{"id":1,"name":"a"}\nx',
      /^line 2: banner 1 is there already, in line 1:/,
    ],
    [
      'csv',
      '',
      /^line 1: a file in CSV begins with a line of column names, separated by commas: id and name/,
    ],
    ['csv', 'id;name\n1;a', /^line 1: "id;name" has semicolons between its columns: .*separated by commas/],
    ['csv', 'id,name,labls\n', /^line 1: "labls" is no column \(did you mean labels\?\)/],
    ['csv', 'id,name,id\n', /^line 1: the column id is there twice/],
    ['csv', 'id,target\n', /^line 1: a file in CSV begins/],
    ['csv', 'id,name\n1,a,b\n', /^line 2: it has 3 cells, and the first line names 2 columns/],
    ['csv', 'id,name\n1\n', /^line 2: it has 1 cells/],
    ['csv', `id,name\n1,${','.repeat(20)}\n`, /^line 2: it has more than 9 cells/],
    ['csv', 'id,name\n1,"a\n', /^line 2: its quotes are wrong/],
    ['csv', 'id,name\n1,"a\r\nb"\n0,c', /^line 2: "name" has 1 to 200 characters, no line breaks/],
    ['csv', `id,name\n7,"${'a\n'.repeat(40_000)}"`, /^line 2: it has more than 65536 bytes/],
    ['csv', 'id,name\nabc,a', /^line 2: "id" is a whole number/],
    ['csv', 'id,name\n0x1,a', /^line 2: "id" is a whole number/],
    ['csv', 'id,name,isActive\n1,a,yes', /^line 2: "isActive" must be a boolean/],
    ['csv', 'id,name,labels\n1,a,x||y', /^line 2: "labels\[1\]" has 1 to 50/],
    ['csv', 'id,name\n0,a\n1,"a"b', /^line 2: "id" is a whole number/],
  ]
  for (const [format, text, says] of faults)
    it(`in ${format} is not ${JSON.stringify(text).slice(0, 70)}`, async () => {
      const error = await read(text, format).catch(error => error)
      expect(error).to.include({ code: 'IMPORT_INVALID' })
      expect(error.message).to.match(says)
    })

  it('in CSV may have its columns in any order, some of them, and cells that a spreadsheet has changed', async () => {
    const lines = [
      'isActive, name ,labels,id,activeFrom',
      'TRUE,"a, ""b""", x | y,7,2026-11-27 10:00',
      ',,,,',
      "False,'=c,,8,",
      `"",'d,"",9,""`,
    ]
    const activeFromMs = Date.parse('2026-11-27T10:00:00Z')
    expect(await read(lines.join('\n'), 'csv')).to.deep.equal([
      { ...PLAIN, id: 7, name: 'a, "b"', labels: ['x', 'y'], activeFromMs },
      { ...PLAIN, id: 8, name: '=c', isActive: false },
      { ...PLAIN, id: 9, name: "'d" },
    ])
  })

  it('in CSV has no cell that a spreadsheet would compute', async () => {
    const names = ['=1+1', '+1', '-1', '@x', '＝1', "'=1", "''@", "'a", 'a=1', 'a;=1', '"=1']
    const cells = ["'=1+1", "'+1", "'-1", "'@x", "'＝1", "''=1", "'''@", "'a", 'a=1', '"a;=1"', '"""=1"']
    const wanted = names.map((name, index) => ({ ...PLAIN, id: index + 1, name }))
    const text = await textOf(wanted, 'csv')
    const lines = text.split('\r\n').slice(1, -1)
    expect(lines).to.deep.equal(cells.map((cell, index) => `${index + 1},${cell},,,,,true,,`))
    expect(await read(text, 'csv')).to.deep.equal(wanted)
  })

  it('takes more than fits into memory, and leaves nothing in the directory', async () => {
    const target = `https://a/${'x'.repeat(2000)}`
    const wanted = Array.from({ length: 4500 }, (_, index) => ({ ...PLAIN, id: 9000 - index, target }))
    const bytes = Buffer.from(await textOf(wanted, 'ndjson'))
    await using spool = await readImport(cut(bytes, [65_536]), 'ndjson', directory)
    expect(await readdir(directory)).to.deep.equal([])
    for (let round = 0; round < 2; round++)
      expect((await Array.fromAsync(spool.batches())).flat()).to.deep.equal(wanted)
    await rm(directory, { recursive: true })
    const error = await readImport(cut(bytes, [65_536]), 'ndjson', directory).catch(error => error)
    await mkdir(directory)
    expect(error).to.include({ code: 'IMPORT_UNSPOOLED' })
    expect(error.message)
      .to.match(/\(ENOENT\): nothing was changed/)
      .and.not.include(directory)
  })

  for (const format of BANNER_FORMATS)
    it(`in ${format} that breaks off rejects with the error of its source`, async () => {
      const broken = async function* () {
        yield Buffer.from({ json: '[\n', ndjson: '\n', csv: 'id,name\n' }[format])
        throw new Error('gone')
      }
      const error = await readImport(broken(), format, directory).catch(error => error)
      expect(error.message).to.equal('gone')
    })
})

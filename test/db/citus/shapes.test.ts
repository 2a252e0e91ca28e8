import { expect } from 'chai'
import { parse } from 'libpg-query'
import { DISTRIBUTED_TABLES } from '../../../db/schema/distribution.ts'
import { migrations, namedStatements, type Sent, writtenStatements } from './sent.ts'
import { DISTRIBUTED, SHAPES } from './shapes.ts'
import { found, tablesOf } from './tree.ts'

/** The first migration that may find distributed tables. */
const FIRST = 9
/** Refused by nobody: Citus makes a list of the local table first. A banner has few changes, and revisions are small. */
const ALLOWED = ['listBannerChanges: a local and a distributed table in one list']
const CHANGES = ['AlterTableStmt', 'RenameStmt', 'DropStmt', 'IndexStmt', 'CreateStmt']

/** What is wrong, as `where: what`. */
async function wrongIn(all: readonly Sent[]): Promise<string[]> {
  const wrong: string[] = []
  for (const { from, sql } of all) {
    const tree = await parse(sql).catch(error => {
      throw new Error(`${from}: ${error.message}\n${sql}`)
    })
    wrong.push(...SHAPES.filter(({ isIn }) => isIn(tree)).map(({ is }) => `${from}: ${is}`))
  }
  return [...new Set(wrong)].filter(one => !ALLOWED.includes(one))
}

async function statementsOf(sql: string): Promise<unknown[]> {
  return (await parse(sql)).stmts ?? []
}

describe('what is sent to Citus', () => {
  for (const { is, example } of SHAPES)
    it(`would be found to have ${is}`, async () => {
      const tree = await parse(example)
      expect(SHAPES.filter(({ isIn }) => isIn(tree)).map(shape => shape.is)).to.include(is)
    })

  it('distributes the tables that are said to be', () => {
    expect([...DISTRIBUTED.keys()]).to.have.members(DISTRIBUTED_TABLES)
  })

  it('has shapes that it takes, in db/sql', async () => {
    const named = namedStatements()
    expect(named.length).to.be.above(80)
    expect(await wrongIn(named)).to.deep.equal([])
  })

  it('has shapes that it takes, in the text of the program', async () => {
    const written = writtenStatements()
    expect(written.length).to.be.above(50)
    expect(await wrongIn(written)).to.deep.equal([])
  })

  it('has shapes that it takes, in migrations', async () => {
    expect(await wrongIn(migrations().filter(({ from }) => !/00[1-8]\./.test(from)))).to.deep.equal([])
  })

  it('is one statement a query, wherever that takes locks or changes tables', async () => {
    const several: string[] = []
    for (const { from, sql } of [...namedStatements(), ...writtenStatements()])
      if ((await statementsOf(sql)).length > 1) several.push(`${from}: ${sql}`)
    expect(several).to.deep.equal([])
  })

  it('is one statement a migration, where that changes a distributed table', async () => {
    const later = migrations().filter(({ from }) => Number(/(\d+)\./.exec(from)![1]) >= FIRST)
    const several: string[] = []
    for (const { from, sql } of later) {
      const all = await statementsOf(sql)
      const made = all.flatMap(one => found('CreateStmt', one)).flatMap(one => tablesOf(one))
      const changed = all
        .filter(one => CHANGES.some(name => found(name, one).length > 0))
        .flatMap(one => tablesOf(one))
        .filter(name => DISTRIBUTED.has(name) && !made.includes(name))
      if (all.length > 1 && changed.length > 0) several.push(from)
    }
    expect(later.length).to.be.above(4)
    expect(several).to.deep.equal([])
  })
})

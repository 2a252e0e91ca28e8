import { expect } from 'chai'
import { TABLES } from '../../db/schema/tables.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

/** An id in the form of a UUID, a token and a secret have at least so many characters. */
const SHORTEST = 32

describe('a database of a test', () => {
  let databases: TestDatabase[]
  before(async () => {
    databases = [await createTestDatabase(), await createTestDatabase()]
  })
  after(() => Promise.all(databases.map(each => each.drop())))

  /** All long texts that are in a table from the beginning. */
  async function madeUp(database: TestDatabase): Promise<string[]> {
    const texts: string[] = []
    for (const { name } of TABLES)
      for (const row of await database.query<object>(`SELECT * FROM ${name}`))
        texts.push(
          ...Object.values(row).filter(value => typeof value === 'string' && value.length >= SHORTEST),
        )
    return texts
  }

  it('has ids, tokens and secrets of its own, although it is a copy', async () => {
    const [one, other] = await Promise.all(databases.map(madeUp))
    expect(one).to.have.lengthOf.at.least(4)
    expect(one!.filter(text => other!.includes(text))).to.deep.equal([])
  })
})

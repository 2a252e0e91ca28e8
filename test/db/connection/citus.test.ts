import { expect } from 'chai'
import type pg from 'pg'
import { beginReading, beginWriting } from '../../../db/connection/transaction.ts'

/** A connection that only answers whether it is on Citus, and keeps what it was sent. */
function connection(isOnCitus: boolean): { client: pg.Client; sent: string[] } {
  const sent: string[] = []
  const query = async (text: string) => {
    sent.push(text)
    // As the driver does: a list where the text has several statements.
    const answers = text.split('; ').map(() => ({ rows: [{ isOnCitus }] }))
    return answers.length === 1 ? answers[0] : answers
  }
  return { client: { query } as unknown as pg.Client, sent }
}

describe('the beginning of a transaction', () => {
  it('is one round trip, and the first one of a connection asks whether that is on Citus', async () => {
    const { client, sent } = connection(false)
    await beginWriting(client)
    await beginReading(client)
    expect(sent).to.have.length(3)
    expect(sent[0]).to.contain('pg_extension')
    expect(sent[1]).to.match(/^BEGIN.*; SET LOCAL lock_timeout/)
  })

  it('on Citus sends each statement by itself: a SET LOCAL takes the text around it along to the workers', async () => {
    const { client, sent } = connection(true)
    await beginWriting(client, undefined, ['SELECT pg_advisory_xact_lock(1)'])
    await beginReading(client, undefined, ['LOCK TABLE ONLY click_minutes IN ACCESS SHARE MODE'])
    expect(sent.filter(text => text.includes(';'))).to.deep.equal([])
    expect(sent.filter(text => /^BEGIN/.test(text))).to.have.length(2)
    expect(sent.filter(text => /^(SELECT pg_advisory|LOCK)/.test(text))).to.have.length(2)
  })
})

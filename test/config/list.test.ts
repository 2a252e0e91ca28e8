import { expect } from 'chai'
import { entriesOf } from '../../lib/config/list.ts'

describe('the entries of a list', () => {
  it('stand between commas or blanks', () => {
    expect(entriesOf('read, count,manage operate,')).to.deep.equal(['read', 'count', 'manage', 'operate'])
    expect(entriesOf(' , ')).to.deep.equal([])
  })
})

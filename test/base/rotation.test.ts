import { expect } from 'chai'
import { Rotation } from '../../lib/base/rotation.ts'

describe('a rotation', () => {
  let rotation: Rotation<string>
  beforeEach(() => {
    rotation = new Rotation()
    for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) rotation.add(item[0]!, item)
  })

  function rest(mayHave?: (client: string) => boolean): string[] {
    const items: string[] = []
    for (;;) {
      const item = rotation.next(mayHave)
      if (item === null) return items
      items.push(item)
    }
  }

  it('takes one client after the other, each in the order of coming', () => {
    expect(rest()).to.deep.equal(['a1', 'b1', 'c1', 'a2', 'b2', 'a3'])
    expect(rotation.isEmpty).to.equal(true)
  })

  it('puts who comes again behind all others', () => {
    expect(rotation.next()).to.equal('a1')
    rotation.add('d', 'd1')
    rotation.add('a', 'a4')
    expect(rest()).to.deep.equal(['b1', 'c1', 'a2', 'd1', 'b2', 'a3', 'a4'])
  })

  it('passes over who may have none', () => {
    expect(rest(client => client !== 'a')).to.deep.equal(['b1', 'c1', 'b2'])
    expect(rotation.isEmpty).to.equal(false)
    expect(rest()).to.deep.equal(['a1', 'a2', 'a3'])
  })

  it('forgets what does not wait any more', () => {
    expect(rotation.delete('a', 'a2')).to.equal(true)
    expect(rotation.delete('a', 'a2')).to.equal(false)
    expect(rotation.delete('c', 'c1')).to.equal(true)
    expect(rest()).to.deep.equal(['a1', 'b1', 'a3', 'b2'])
  })
})

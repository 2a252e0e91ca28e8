import { expect } from 'chai'
import { parseName } from '../../lib/journal/files/names.ts'
import { planRecovery } from '../../lib/journal/keep/recovery.ts'
import { NO_CLICKS } from '../../lib/rows/classes.ts'
import { OTHER_WRITER, WRITER } from './journal-support.ts'

/** Two such generations do not fit into one unit. */
const largeFile = () => 2 ** 30
const OWN_WRITER = '11111111-1111-4111-8111-111111111111'

/** Files of writers A and B, and what is planned for them: names by unit, and superseded names. */
const PLANS: {
  readonly title: string
  readonly files: string[]
  readonly units: string[][]
  readonly superseded?: string[]
}[] = [
  { title: 'nothing of a writer that has only its mark left', files: ['A.writer'], units: [] },
  {
    title: 'ticks of all threads by generation, as numbers, the oldest first',
    files: ['A.10.0-1.ticks', 'A.9.1-0.ticks', 'A.writer', 'A.9.0-0.ticks', 'A.9.0-4.ticks'],
    units: [['A.9.1-0.ticks', 'A.9.0-0.ticks', 'A.9.0-4.ticks'], ['A.10.0-1.ticks']],
  },
  {
    title: 'a batch at the place of its last generation',
    files: ['A.8.0-0.ticks', 'A.3-7.batch', 'A.2.0-0.ticks'],
    units: [['A.2.0-0.ticks'], ['A.3-7.batch'], ['A.8.0-0.ticks']],
  },
  {
    title: 'a batch in place of ticks that are in it, which were about to go',
    files: [
      'A.3.0-0.ticks',
      'A.3-7.batch',
      'A.7.0-0.ticks',
      'A.5.1-2.ticks',
      'A.8.0-0.ticks',
      'A.2.0-0.ticks',
    ],
    units: [['A.2.0-0.ticks'], ['A.3-7.batch'], ['A.8.0-0.ticks']],
    superseded: ['A.3.0-0.ticks', 'A.7.0-0.ticks', 'A.5.1-2.ticks'],
  },
  {
    title: 'the longer one of two batches',
    files: ['A.3-7.batch', 'A.3-9.batch', 'A.8.0-0.ticks'],
    units: [['A.3-9.batch']],
    superseded: ['A.3-7.batch', 'A.8.0-0.ticks'],
  },
  {
    title: 'the newer version of two batches of the same generations',
    files: ['A.3-7.batch', 'A.3-7.batch2', 'A.8.0-0.ticks2'],
    units: [['A.3-7.batch2'], ['A.8.0-0.ticks2']],
    superseded: ['A.3-7.batch'],
  },
  {
    title: 'a batch in place of what is in it, whatever their versions',
    files: [
      'A.3-7.batch2',
      'A.4-5.batch',
      'A.6.0-0.ticks',
      'A.9-12.batch',
      'A.10-11.batch2',
      'A.9.0-0.ticks2',
    ],
    units: [['A.3-7.batch2'], ['A.9-12.batch']],
    superseded: ['A.4-5.batch', 'A.6.0-0.ticks', 'A.10-11.batch2', 'A.9.0-0.ticks2'],
  },
  {
    title: 'files of both versions, in the order of their generations',
    files: ['A.2.0-0.ticks2', 'A.1.0-0.ticks', 'A.2.1-0.ticks', 'A.writer', 'A.writer2'],
    units: [['A.1.0-0.ticks'], ['A.2.0-0.ticks2', 'A.2.1-0.ticks']],
  },
  {
    title: "not a writer's ticks because of another writer's batch",
    files: ['A.3-7.batch', 'B.5.0-0.ticks'],
    units: [['A.3-7.batch'], ['B.5.0-0.ticks']],
  },
  {
    title: "nothing of this process's own",
    files: [`${OWN_WRITER}.writer`, `${OWN_WRITER}.1.0-0.ticks`],
    units: [],
  },
]

describe('what is recovered', () => {
  for (const { title, files, units, superseded = [] } of PLANS)
    it(`is ${title}`, () => {
      const plans = planRecovery(
        files
          .map(full)
          .map(parseName)
          .filter(file => file !== null),
        OWN_WRITER,
        largeFile,
      )
      expect(plans.flatMap(plan => plan.units.map(unit => unit.names))).to.deep.equal(
        units.map(names => names.map(full)),
      )
      expect(plans.flatMap(plan => plan.superseded)).to.have.members(superseded.map(full))
    })

  it('is stored under the writer and the generation that it was accepted under', () => {
    const [plan] = planRecovery([parseName(full('A.3-7.batch'))!], OWN_WRITER, largeFile)
    expect(plan!.units).to.deep.equal([
      {
        kind: 'files',
        writer: WRITER,
        generation: 7,
        names: [full('A.3-7.batch')],
        isOwn: false,
        isAdopted: false,
        totals: NO_CLICKS,
      },
    ])
  })
})

describe('small generations', () => {
  const names = ['A.1.0-0.ticks', 'A.1.1-0.ticks', 'A.2.0-0.ticks', 'A.3-5.batch', 'B.1.0-0.ticks'].map(full)

  it('of one writer come together under the newest, but a batch is stored by itself', () => {
    const units = planOf(() => 1)
    expect(units.map(unit => [unit.generation, unit.names])).to.deep.equal([
      [2, names.slice(0, 3)],
      [5, names.slice(3, 4)],
      [1, names.slice(4)],
    ])
  })

  it('come together up to a bound, and no generation is parted', () => {
    expect(planOf(largeFile).map(unit => unit.names.length)).to.deep.equal([2, 1, 1, 1])
  })

  function planOf(bytesOf: () => number) {
    return planRecovery(
      names.map(name => parseName(name)!),
      OWN_WRITER,
      bytesOf,
    ).flatMap(plan => plan.units)
  }
})

function full(name: string): string {
  return name.replace(/^A/, WRITER).replace(/^B/, OTHER_WRITER)
}

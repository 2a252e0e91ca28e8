import { expect } from 'chai'
import { startFleet } from '../../bench/measuring/fleet.ts'
import { type FleetSample, fleetTable } from '../../bench/sections/fleet.ts'

describe('the fleet of the bench', () => {
  it('counts on one Postgres, and a killed instance comes back in its place with its clicks', async function () {
    this.timeout(60_000)
    await using fleet = await startFleet(2, { CLICK_FLUSHER_INTERVAL: '60' })
    const urls = [...fleet.urls]
    for (const url of urls) for (const banner of [1, 2]) await fetch(`${url}/counter/${banner}`)
    expect(await fleet.stored()).to.equal(0)
    const { again } = await fleet.stop(0, 'SIGKILL')
    await again()
    expect(fleet.urls).to.deep.equal(urls)
    expect(await fleet.totals()).to.deep.equal({ accepted: 4, stored: 4 })
  })
})

describe('the table of a fleet', () => {
  const sample = (flushMs: number, clicksPerSecond: number): FleetSample => ({
    ...{ acknowledged: 1000, rows: 10, rowsPerSecond: 100, p99Ms: 1, flushMs, clicksPerSecond },
    ...{ failed: 1, lost: 0, doubled: 0 },
  })

  it('compares each number of instances with one, round by round, and adds up what must be zero', () => {
    // Ratios of medians would be 2 and 1.
    const one = [sample(10, 100), sample(20, 200), sample(100, 1000)]
    const two = [sample(30, 150), sample(40, 200), sample(300, 1500)]
    const [, , row] = fleetTable([one, two]).trim().split('\n').slice(1)
    const cells = row!.split('|').map(cell => cell.trim())
    expect(cells.slice(1, -1)).to.deep.equal([
      ...['2', '3.00', '1.50', '40.0', '10', '100', '1.00', '200', '3', '0', '0'],
    ])
  })
})

import { expect } from 'chai'
import { type BannersWorld, useWorld } from './banners-support.ts'

const HOUR = '#/banner?id=20&range=own&from=2024-12-12T10:00Z&to=2024-12-12T11:00Z'

describe('the view Banner, where finer clicks than days are not there', function () {
  this.timeout(30_000)
  let world: BannersWorld
  useWorld(made => {
    world = made
  })

  it('shows what is kept of a time whose minutes are dropped, and of one that has days of UTC alone', async () => {
    await world.register(20, { name: 'Spring' })
    await world.test.database.storeMinutes(
      `VALUES (20, '2024-12-12 10:00Z', 4), (20, '2024-12-14 10:30Z', 2)`,
    )
    const drop = (table: string, time: string) =>
      world.test.database.query(`UPDATE click_history SET ${table}_from = ${time}`)
    try {
      await drop('minutes', "'2025-01-01Z'")
      const { page } = await world.open(HOUR)
      await page.getByRole('heading', { name: /^4 clicks .* by quarter of an hour$/ }).waitFor()
      await page.getByText('the finest step before that is "quarter"').waitFor()
      await drop('quarters', "'2025-01-01Z'")
      await page.evaluate(
        "location.hash = '#/banner?id=20&range=own&from=2024-12-11T00:00Z&to=2024-12-18T00:00Z'",
      )
      await page.locator('#problem', { hasText: 'only days of UTC are kept' }).waitFor()
      await page.getByRole('button', { name: 'Show days of UTC' }).click()
      await page.getByRole('heading', { name: /^6 clicks .* UTC, by day$/ }).waitFor()
      expect(await page.locator('#rows tr').count()).to.equal(7)
    } finally {
      for (const table of ['minutes', 'quarters']) await drop(table, 'NULL')
    }
  })

  it('shows weeks of a range whose days were imported, and leads to days of UTC', async () => {
    const { database } = world.test
    const day = "'2024-12-12Z'"
    await database.query(`INSERT INTO click_days VALUES (20, ${day}, 6, 0, 0)`)
    await database.query(`INSERT INTO click_imported VALUES (20, ${day}, 'day', gen_random_uuid(), 6)`)
    try {
      // In Berlin, from Sunday to Saturday.
      const range = 'range=own&from=2024-12-07T23:00Z&to=2024-12-14T23:00Z'
      const { page } = await world.open(`#/banner?id=20&${range}`)
      await page.getByRole('heading', { name: /^6 clicks .* by week$/ }).waitFor()
      await page.getByText('were imported by the day').waitFor()
      const steps = await page.locator('#rows th').allInnerTexts()
      expect(steps).to.deep.equal(['Week of 9 Dec 2024', 'Week of 2 Dec 2024, from 8 Dec'])
      await page.evaluate(
        "location.hash = '#/banner?id=20&range=own&from=2024-12-09T00:00Z&to=2024-12-16T00:00Z'",
      )
      await page.getByRole('heading', { name: /^6 clicks/ }).waitFor()
      await page.getByRole('button', { name: 'Show days of UTC' }).click()
      await page.getByRole('heading', { name: /^6 clicks .* UTC, by day$/ }).waitFor()
      expect(await page.getByRole('button', { name: 'Show days of UTC' }).isVisible()).to.equal(false)
    } finally {
      await database.query('DELETE FROM click_imported')
    }
  })
})

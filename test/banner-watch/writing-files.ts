import pino from 'pino'
import { BannerFiles } from '../../lib/banner-watch/banner-files.ts'
import { TableBuilder } from '../../lib/banners/table-builder.ts'
import { newRevision } from '../support/banners.ts'
import { PLAIN } from './tables.ts'

/** Writes one base with its overlay after the other, until it is killed. Says so when the first ones are written. */

const BANNERS = 2000
const [directory, nth] = process.argv.slice(2)
const files = new BannerFiles(directory!, pino({ level: 'silent' }))
for (let round = 1; ; round++) {
  const revision = Number(nth) * 1e6 + round
  const base = new TableBuilder()
  for (let id = 1; id <= BANNERS; id++) base.put({ ...PLAIN, id, target: `https://a.example/${revision}` })
  const builtBase = await base.build({ ...newRevision(), revision }, null)
  const overlay = new TableBuilder()
  overlay.put({ ...PLAIN, id: 1, target: `https://b.example/${revision}` })
  await files.confirmed({
    base: builtBase,
    overlay: await overlay.build({ ...newRevision(), revision }, builtBase),
  })
  if (round === 1) console.log('written')
}

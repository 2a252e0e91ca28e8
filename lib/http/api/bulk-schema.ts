import Joi from '@hapi/joi'
import { MAX_BANNER_ID } from '../../banners/banner-id.ts'
import { MAX_ENTRIES } from '../../ingest/bulk.ts'
import { type BulkBody, MAX_CLICKS, MAX_COUNT } from './bulk-verdict.ts'

const whole = (max: number) => Joi.number().integer().min(1).max(max)

const entry = Joi.object({
  id: whole(MAX_BANNER_ID).required().description('Banner'),
  count: whole(MAX_COUNT).default(1).description('Clicks of the banner'),
})

/**
 * The body of a bulk, for the OpenAPI document. bulk-verdict.ts validates bodies. The two give the same
 * verdict on everything that JSON can say, with one exception: Joi loses a key named __proto__ while it
 * copies, and lets it pass.
 */
export const bulkSchema = Joi.object<BulkBody>({
  clicks: Joi.array().items(entry).min(1).max(MAX_ENTRIES).required(),
})
  .required()
  .custom((body: { clicks: { count: number }[] }, helpers) => {
    const sum = body.clicks.reduce((clicks, { count }) => clicks + count, 0)
    return sum > MAX_CLICKS ? helpers.error('bulk.sum') : body
  })
  .messages({ 'bulk.sum': `"clicks" must be at most ${MAX_CLICKS} in all` })
  .prefs({ convert: false })
  .description(`Clicks of many banners, at most ${MAX_CLICKS} in all: counted together, or not at all`)

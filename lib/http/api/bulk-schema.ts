import Joi from '@hapi/joi'
import { MAX_BANNER_ID } from '../../banners/banner-id.ts'
import { canonicalAddress } from '../../base/ip-address.ts'
import { MAX_ENTRIES } from '../../ingest/bulk.ts'
import { CLASSES } from '../../rows/classes.ts'
import { type BulkBody, MAX_CLICKS, MAX_COUNT, MAX_USER_AGENT_LENGTH } from './bulk-verdict.ts'

const whole = (max: number) => Joi.number().integer().min(1).max(max)

const entry = Joi.object({
  id: whole(MAX_BANNER_ID).required().description('Banner'),
  count: whole(MAX_COUNT).description('Clicks of the banner; 1 if it is missing'),
  class: Joi.valid(...CLASSES).description('Which class these clicks have; `valid` if nothing says so'),
  userAgent: Joi.string()
    .allow('')
    .max(MAX_USER_AGENT_LENGTH)
    .description('User-Agent of the client whose click this is; empty if it has sent none'),
  ip: Joi.string()
    .custom((text: string, helpers) =>
      canonicalAddress(text) === null ? helpers.error('any.invalid') : text,
    )
    .description(
      'IP address of that client. With both, the click has the class that it would have had by itself',
    )
    .example('192.0.2.1'),
})
  .and('userAgent', 'ip')
  .without('userAgent', ['class', 'count'])

/**
 * The body of a bulk, for the OpenAPI document. bulk-verdict.ts validates bodies. The two give the same
 * verdict on everything that JSON can say, with one exception: Joi loses a key named __proto__ while it
 * copies, and lets it pass.
 */
export const bulkSchema = Joi.object<BulkBody>({
  clicks: Joi.array().items(entry).min(1).max(MAX_ENTRIES).required(),
})
  .required()
  .custom((body: BulkBody, helpers) => {
    const sum = body.clicks.reduce((clicks, { count = 1 }) => clicks + count, 0)
    return sum > MAX_CLICKS ? helpers.error('bulk.sum') : body
  })
  .messages({ 'bulk.sum': `"clicks" must be at most ${MAX_CLICKS} in all` })
  .prefs({ convert: false })
  .description(`Clicks of many banners, at most ${MAX_CLICKS} in all: counted together, or not at all`)

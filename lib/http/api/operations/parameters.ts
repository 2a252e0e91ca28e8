import Joi from '@hapi/joi'
import { MAX_BANNER_ID } from '../../../banners/banner-id.ts'
import type { Parameter } from './operation.ts'

/** The parameter of every path with a banner id. */
export const bannerIdParameter: Parameter = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'The banner id: `7`, not `07`, `+7` or `7.0`.',
  schema: Joi.number().integer().min(1).max(MAX_BANNER_ID),
  examples: { smallest: { value: 1 }, largest: { value: MAX_BANNER_ID } },
}

import Joi from '@hapi/joi'
import type { BannerChange } from '../../../../db/banners/list-banners.ts'
import { MAX_BANNER_ID } from '../../../banners/banner-id.ts'
import { formatTime } from '../../../questions/time.ts'

/*
 * The answers of /banners, for the OpenAPI document. What is a text of a banner here has passed the rules of
 * banner-schema.ts; nobody needs to check it again.
 */

const time = Joi.string().isoDate()
const texts = Joi.array().items(Joi.string())

const content = {
  name: Joi.string(),
  target: Joi.string().allow(null).description('null: /click/{id} leads to the fallback.'),
  campaign: Joi.string().allow(null),
  labels: texts,
  passQuery: texts,
  isActive: Joi.boolean(),
  activeFrom: time.allow(null).description('null: since ever.'),
  activeUntil: time.allow(null).description('null: for ever.'),
}

const id = Joi.number().integer().min(1).max(MAX_BANNER_ID).required()

/** As bannerBody makes it. */
export const bannerAnswer = Joi.object({ id, ...content })
  .fork(Object.keys(content), field => field.required())
  .keys({
    version: Joi.string()
      .guid()
      .required()
      .description('Another one after each change. ETag has it in quotes.'),
    updatedAt: time.required(),
    updatedBy: Joi.string().required().description('The name of the key that changed it, or `shell`.'),
  })
  .unknown()
  .label('Banner')

/** What "next" is in an answer with a page. */
const next = Joi.string()
  .allow(null)
  .required()
  .description('What `after` is for the next page. null: this is the last one.')

export const bannerListAnswer = Joi.object({
  banners: Joi.array().items(bannerAnswer).required().description('Ascending by id.'),
  next,
})
  .unknown()
  .label('BannerList')

const fields = Joi.object(content).unknown().allow(null).required().label('BannerFields')

export const bannerChangesAnswer = Joi.object({
  changes: Joi.array()
    .items(
      Joi.object({
        revision: Joi.number()
          .integer()
          .required()
          .description('Changes that were made together, by an import, have the same one.'),
        at: time.required(),
        by: Joi.string().required().description('The name of the key that changed it, or `shell`.'),
        before: fields.description('The changed fields as they were. null: there was no banner.'),
        after: fields.description('The changed fields as they became. null: it was deleted.'),
      }).unknown(),
    )
    .required()
    .description('The newest first.'),
  next,
})
  .unknown()
  .label('BannerChanges')

export function changeBody({ revision, atMs, by, before, after }: BannerChange) {
  return { revision, at: formatTime(new Date(atMs)), by, before, after }
}

const count = Joi.number().integer().min(0).required()

export const importAnswer = Joi.object({
  created: count,
  changed: count,
  unchanged: count.description('They are as they were, their versions too.'),
  sample: Joi.array()
    .items(
      Joi.object({
        id,
        before: fields.description('The differing fields as they were. null: there was no banner.'),
        after: fields.description('The differing fields as they become.'),
      }).unknown(),
    )
    .required()
    .description('The first of those that are created or changed.'),
})
  .unknown()
  .label('ImportResult')

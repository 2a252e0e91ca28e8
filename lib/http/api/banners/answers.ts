import Joi from '@hapi/joi'
import type { BannerChange } from '../../../../db/banners/list-banners.ts'
import { MAX_BANNER_ID } from '../../../banners/banner-id.ts'
import { formatTime } from '../../../questions/time.ts'
import type { Schema } from '../operations/operation.ts'

/*
 * The answers of /banners, for the OpenAPI document. They do not repeat the rules of banner-schema.ts, which a banner has
 * passed before it is answered.
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

const id = Joi.number().integer().min(1).max(MAX_BANNER_ID)

/** As bannerBody makes it. */
export const bannerAnswer = Joi.object({ id, ...content })
  .fork(['id', ...Object.keys(content)], field => field.required())
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

const fields = Joi.object(content).unknown().label('BannerFields')
/** null: there is no banner. */
const fieldsOrNone = { anyOf: [fields, { type: 'null' }] }
const next = Joi.string()
  .allow(null)
  .description('What `after` is for the next page. null: this is the last one.')

export const bannerListAnswer = objectOf({ banners: listOf(bannerAnswer, 'Ascending by id.'), next })

export const bannerChangesAnswer = objectOf({
  changes: listOf(
    objectOf({
      revision: Joi.number()
        .integer()
        .description('Changes that were made together, by an import, have the same one.'),
      at: time,
      by: Joi.string().description('The name of the key that changed it, or `shell`.'),
      before: { ...fieldsOrNone, description: 'The changed fields as they were. null: there was no banner.' },
      after: { ...fieldsOrNone, description: 'The changed fields as they became. null: it was deleted.' },
    }),
    'The newest first.',
  ),
  next,
})

const count = Joi.number().integer().min(0)

export const importAnswer = objectOf({
  created: count,
  changed: count,
  unchanged: count.description('They are as they were, their versions too.'),
  sample: listOf(
    objectOf({
      id,
      before: {
        ...fieldsOrNone,
        description: 'The differing fields as they were. null: there was no banner.',
      },
      after: fields,
    }),
    'The first of those that are created or changed.',
  ),
})

export function changeBody({ revision, atMs, by, before, after }: BannerChange) {
  return { revision, at: formatTime(new Date(atMs)), by, before, after }
}

/** An object with all of these. It is no schema of Joi: that would have a copy of each component in it, and no name. */
function objectOf(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', properties, required: Object.keys(properties) }
}

function listOf(items: Schema, description: string): Schema {
  return { type: 'array', items, description }
}

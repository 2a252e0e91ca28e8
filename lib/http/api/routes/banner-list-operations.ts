import Joi from '@hapi/joi'
import { bannerListAnswer } from '../banners/answers.ts'
import { banner, good, pageParameters, unavailable, wrong } from '../banners/documented.ts'
import type { Operation, Parameter, Schema } from '../operations/operation.ts'

function filter(name: string, description: string, schema: Schema, value: unknown): Parameter {
  return { name, in: 'query', required: false, description, schema, examples: { one: { value } } }
}

export const listBanners: Operation = {
  operationId: 'listBanners',
  access: 'read',
  tags: ['Banners'],
  summary: 'Banners, a page at a time',
  description:
    'Ascending by id. Banners that come and go meanwhile are neither left out of the next page nor repeated in it.',
  parameters: [
    ...pageParameters,
    filter('q', 'Those with this in their name, whatever the case.', Joi.string(), 'sale'),
    filter('campaign', 'Those of this campaign.', Joi.string(), 'autumn'),
    filter('label', 'Those with this label.', Joi.string(), 'mobile'),
    filter('active', 'Those that are active now, or are not.', Joi.boolean(), true),
  ],
  responses: {
    200: good('The banners.', bannerListAnswer, { banners: [banner], next: null }),
    400: wrong(
      'there is no parameter "lable" (did you mean label?): there are limit, after, q, campaign, label and active',
    ),
    503: unavailable,
  },
}

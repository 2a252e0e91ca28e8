import Joi from '@hapi/joi'
import { ClickCounterError } from '../base/errors.ts'
import { isPlainLine, PLAIN_LINE_RULE } from '../base/plain-line.ts'
import { sayRule } from '../base/say-rule.ts'
import { formatTime } from '../questions/time.ts'
import { timeSchema } from '../questions/time-schema.ts'
import type { Banner, BannerContent } from './banner.ts'
import { MAX_BANNER_ID } from './banner-id.ts'
import { MAX_TARGET_LENGTH, normalTarget } from './target.ts'

const MAX_NAME_LENGTH = 200
const MAX_CAMPAIGN_LENGTH = 100
const MAX_LABEL_LENGTH = 50
/** Labels, and names in passQuery. */
const MAX_ENTRIES = 20
const PARAMETER = /^[\w.~-]{1,100}$/
/** Stands between labels in a cell of CSV. */
export const SEPARATOR = '|'

/** One line of text, of so many characters at most. Joi would count an emoji as two. */
function line(maxCharacters: number, without?: string): Joi.StringSchema {
  const also = without === undefined ? '' : `, and no ${without}`
  return Joi.string()
    .custom((text: string, helpers) =>
      isPlainLine(text, maxCharacters) && (without === undefined || !text.includes(without))
        ? text
        : helpers.error('any.invalid'),
    )
    .error(sayRule(`has 1 to ${maxCharacters} characters, ${PLAIN_LINE_RULE}${also}`, 'string.base'))
}

const target = Joi.string()
  .max(MAX_TARGET_LENGTH)
  .custom((text: string, helpers) => {
    try {
      return normalTarget(text)
    } catch (error) {
      if (!(error instanceof ClickCounterError)) throw error
      return helpers.error('target', { fault: error.message })
    }
  })

const time = timeSchema.allow(null)

/** The name of a campaign, and a label, as banners have them. */
export const campaignText = line(MAX_CAMPAIGN_LENGTH)
export const labelText = line(MAX_LABEL_LENGTH, SEPARATOR)

const content = {
  name: line(MAX_NAME_LENGTH).description(`For people: one line, of at most ${MAX_NAME_LENGTH} characters.`),
  target: target
    .allow(null)
    .description(
      'Where /click/{id} leads: an absolute URL of http or https. `{banner_id}`, `{click_id}` and `{ts}` behind ' +
        'its host are filled in. null, or left out: to the fallback.',
    ),
  campaign: campaignText
    .allow(null)
    .description(`At most ${MAX_CAMPAIGN_LENGTH} characters. null, or left out: none.`),
  labels: Joi.array()
    .items(labelText)
    .max(MAX_ENTRIES)
    .allow(null)
    .description(
      `Each of at most ${MAX_LABEL_LENGTH} characters, without \`${SEPARATOR}\`. They are kept sorted, each once. null, or left out: none.`,
    ),
  passQuery: Joi.array()
    .items(
      Joi.string()
        .pattern(PARAMETER)
        .error(sayRule('has 1 to 100 characters: letters, digits and . _ ~ -', 'string.base')),
    )
    .max(MAX_ENTRIES)
    .allow(null)
    .description(
      "Names of the click's parameters that go along to the target, unless it has them itself. null: none.",
    ),
  isActive: Joi.boolean().description('Left out: true.'),
  activeFrom: time.description('It is not active before. null, or left out: since ever.'),
  activeUntil: time.description(
    'It is not active from then on; after `activeFrom`. null, or left out: for ever.',
  ),
}

/** What GET answers beside the content. It may be sent back, and changes nothing. */
const told = {
  version: Joi.any().description('Is read by nobody here: see If-Match.'),
  updatedAt: Joi.any().description('Is read by nobody here.'),
  updatedBy: Joi.any().description('Is read by nobody here.'),
}

const id = Joi.number()
  .integer()
  .min(1)
  .max(MAX_BANNER_ID)
  .error(sayRule(`is a whole number from 1 to ${MAX_BANNER_ID}`))

const FIELDS = ['id', ...Object.keys(content), ...Object.keys(told)].join(', ')

/** A schema of objects. Joi looks at a value without converting it: `"1"` is no number. */
function object<Body>(fields: Joi.PartialSchemaMap): Joi.ObjectSchema<Body> {
  return Joi.object<Body>(fields)
    .required()
    .prefs({ convert: false })
    .messages({
      'object.base': 'a banner is a JSON object with fields such as "name" and "target"',
      'object.unknown': `{#label} is no field of a banner: they are ${FIELDS}`,
      // Only the target has these: lines and times say their own rule.
      'string.empty': '{#label} is empty: null says that there is none',
      target: '{#fault}',
    })
}

/** What is left of a body once it is validated. Targets are normal, times are parsed. */
interface BannerChangeBody {
  readonly id?: number
  readonly name?: string
  readonly target?: string | null
  readonly campaign?: string | null
  readonly labels?: readonly string[] | null
  readonly passQuery?: readonly string[] | null
  readonly isActive?: boolean
  readonly activeFrom?: Date | null
  readonly activeUntil?: Date | null
}

interface BannerBody extends BannerChangeBody {
  readonly name: string
}

interface ImportedBannerBody extends BannerBody {
  readonly id: number
}

/** The body of PUT /banners/{id}. An `id` in it must be that of the path: the route looks. */
export const bannerSchema = object<BannerBody>({ id, ...content, ...told, name: content.name.required() })
  .label('BannerContent')
  .description('A whole banner: what is left out gets its default.')

/** The body of PATCH /banners/{id}. */
export const bannerChangeSchema = object<BannerChangeBody>({ id, ...content, ...told })
  .label('BannerChange')
  .description('What is left out stays.')

/** An entry of an import. */
export const importedBannerSchema = object<ImportedBannerBody>({
  ...content,
  ...told,
  id: id.required(),
  name: content.name.required(),
})
  .label('ImportedBanner')
  .description('A whole banner: what is left out gets its default.')

/** Throws a ClickCounterError (BANNER_INVALID) when it would never be active. */
export function contentOf(body: BannerBody): BannerContent {
  const content = { ...DEFAULTS, name: body.name, ...changeOf(body) }
  expectPeriod(content)
  return content
}

const DEFAULTS: Omit<BannerContent, 'name'> = {
  target: null,
  campaign: null,
  labels: [],
  passQuery: [],
  isActive: true,
  activeFromMs: null,
  activeUntilMs: null,
}

/** The fields that the body has. */
export function changeOf(body: BannerChangeBody): Partial<BannerContent> {
  const { name, target, campaign, labels, passQuery, isActive, activeFrom, activeUntil } = body
  return {
    ...(name !== undefined && { name }),
    ...(target !== undefined && { target }),
    ...(campaign !== undefined && { campaign }),
    ...(labels !== undefined && { labels: [...new Set(labels ?? [])].sort() }),
    ...(passQuery !== undefined && { passQuery: [...new Set(passQuery ?? [])] }),
    ...(isActive !== undefined && { isActive }),
    ...(activeFrom !== undefined && { activeFromMs: activeFrom?.getTime() ?? null }),
    ...(activeUntil !== undefined && { activeUntilMs: activeUntil?.getTime() ?? null }),
  }
}

/** Throws a ClickCounterError (BANNER_INVALID) when there is no moment from the first time to the second. */
export function expectPeriod({
  activeFromMs,
  activeUntilMs,
}: Pick<BannerContent, 'activeFromMs' | 'activeUntilMs'>): void {
  if (activeFromMs === null || activeUntilMs === null || activeFromMs < activeUntilMs) return
  throw new ClickCounterError(
    'BANNER_INVALID',
    '"activeFrom" must be before "activeUntil": else the banner would never be active',
  )
}

/** The content in the form of HTTP: times are texts. */
export function contentBody(content: BannerContent) {
  const { name, target, campaign, labels, passQuery, isActive, activeFromMs, activeUntilMs } = content
  return {
    ...{ name, target, campaign, labels, passQuery, isActive },
    activeFrom: timeOf(activeFromMs),
    activeUntil: timeOf(activeUntilMs),
  }
}

/** As GET /banners/{id} answers it. */
export function bannerBody(banner: Banner) {
  return {
    id: banner.id,
    ...contentBody(banner),
    version: banner.version,
    updatedAt: timeOf(banner.updatedAtMs),
    updatedBy: banner.updatedBy,
  }
}

/** In RFC 3339, UTC. */
function timeOf(timeMs: number | null): string | null {
  return timeMs === null ? null : formatTime(new Date(timeMs))
}

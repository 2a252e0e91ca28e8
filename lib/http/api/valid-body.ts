import Boom from '@hapi/boom'
import type { Request } from '@hapi/hapi'
import type Joi from '@hapi/joi'
import { readJson, refusePrototype } from './json-body.ts'

/**
 * The JSON body, as the schema leaves it. It is not converted: `"1"` is no number. Rejects with 400, which says what is
 * wrong and has `example`, and as readJson does.
 */
export async function readValid<T>(
  request: Request,
  schema: Joi.ObjectSchema<T>,
  { maxBytes, example }: { readonly maxBytes: number; readonly example: string },
): Promise<T> {
  const body = await readJson(request, { maxBytes, example, reviver: refusePrototype })
  const { value, error } = schema.required().validate(body, { convert: false })
  if (error !== undefined) throw Boom.badRequest(`${error.message}: the body is of the form ${example}`)
  return value
}

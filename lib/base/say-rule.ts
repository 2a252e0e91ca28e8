import type Joi from '@hapi/joi'

/**
 * For `error` of a schema: says one rule, behind the label, for whatever is wrong with a value, but for `otherCodes`.
 * Joi's `messages` would do as well, and would cost each value that is right 2 µs.
 */
export function sayRule(rule: string, ...otherCodes: readonly string[]): Joi.ValidationErrorFunction {
  return errors => {
    for (const error of errors)
      if (error.code !== 'any.required' && !otherCodes.includes(error.code))
        error.message = `"${error.local.label}" ${rule}`
    return errors
  }
}

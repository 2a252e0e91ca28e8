import { normalTarget } from '../banners/target.ts'
import { ClickCounterError } from '../base/errors.ts'
import type { Domain } from './domains.ts'

/** Where clicks may lead: the same texts as a banner's target. */
export const target: Domain<string> = {
  allowed: 'a URL such as https://shop.example/offers?banner={banner_id}',
  parse: text => {
    try {
      return { value: normalTarget(text) }
    } catch (error) {
      if (error instanceof ClickCounterError) return { wrong: `since ${error.message}` }
      throw error
    }
  },
}

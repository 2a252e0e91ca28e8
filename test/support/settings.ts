/** Settings without the prefix CLICKCOUNTER_. */
export type Settings = Readonly<Record<string, string>>

/** The variables of an environment that has them. */
export function environmentOf(settings: Settings): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).map(([name, text]) => [`CLICKCOUNTER_${name}`, text]))
}

/** Has a service count and lead on each click by /click/{id}, whatever banner it is. */
export const LEADING: Settings = { CLICK_FALLBACK_URL: 'https://shop.example/{banner_id}' }

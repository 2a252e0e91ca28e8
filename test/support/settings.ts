/** Settings without the prefix CLICKCOUNTER_. */
export type Settings = Readonly<Record<string, string>>

/** The variables of an environment that has them. */
export function environmentOf(settings: Settings): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).map(([name, text]) => [`CLICKCOUNTER_${name}`, text]))
}

/** Has a service count and lead on each click by /click/{id}, whatever banner it is. */
export const LEADING: Settings = { CLICK_FALLBACK_URL: 'https://shop.example/{banner_id}' }

/** Has a service look for bots and duplicates. */
export const CLASSES: Settings = { BOTS: 'class', DUPLICATE_WINDOW: '60' }

/** Of a browser, and of a crawler that says what it is. */
export const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
export const CRAWLER = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'

/** @import { Banner } from './types.d.ts' */

const ENTITIES = /** @type {Readonly<Record<string, string>>} */ ({
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
})

const MACRO = /\{(banner_id|click_id|ts)\}/

/**
 * Code that pages count a banner with.
 * @param {Pick<Banner, 'id' | 'name' | 'target'>} banner
 * @param {string} base the address of the service, with a slash at its end
 */
export function snippets({ id, name, target }, base) {
  const words = escaped(name)
  // A macro is filled in by the service alone.
  const own = target === null || MACRO.test(target) ? 'https://…' : escaped(target)
  return [
    {
      title: 'Link',
      words: 'Counts the click, and leads on to the target.',
      code: `<a href="${base}click/${id}">${words}</a>`,
    },
    {
      title: 'Script',
      words:
        'Counts clicks on what has the attribute data-banner, wherever it leads. A page has the script once.',
      code: `<script async src="${base}clickcounter.js"></script>\n<a href="${own}" data-banner="${id}">${words}</a>`,
    },
    {
      title: 'Image',
      words: 'Counts each time that it is shown, in a mail for example.',
      code: `<img src="${base}counter/${id}.gif" alt="">`,
    },
  ]
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll(/[&<>"]/g, character => ENTITIES[character] ?? '')
}

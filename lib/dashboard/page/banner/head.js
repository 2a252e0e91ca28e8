/** @import { Banner } from '../banners/types.d.ts' */
/** @import { Clock } from '../clock.js' */
import { writeAddress } from '../address.js'
import { make } from '../dom.js'

/** Whose clicks are shown: the banner's name, its id and its campaign. */
export class BannerHead {
  title = make('h2', { id: 'banner-title', tabindex: '-1' }, 'Banner')
  #line = make('p', { class: 'line' })
  #clock
  element

  /** @param {Clock} clock @param {Node} form of another banner's id */
  constructor(clock, form) {
    this.#clock = clock
    this.element = make('div', { class: 'banner-head' }, make('div', {}, this.title, this.#line), form)
  }

  /** @param {string} id @param {Banner | null | undefined} banner null: nobody registered it; undefined: it is not known */
  show(id, banner) {
    if (id === '') {
      this.title.textContent = 'Banner'
      this.#line.textContent =
        'Type the id of a banner to see its clicks, or choose one from the list of banners.'
      return
    }
    this.title.replaceChildren(banner ? make('bdi', {}, banner.name) : `Banner ${id}`)
    if (banner === undefined) this.#line.textContent = ''
    else if (banner === null) this.#line.textContent = 'Nobody has registered this banner.'
    else {
      const { campaign } = banner
      const values = new URLSearchParams({ campaign: campaign ?? '' })
      const href = writeAddress({ view: 'banners', zone: this.#clock.zone, values })
      const link = make('a', { href }, make('bdi', {}, campaign ?? ''))
      this.#line.replaceChildren(`Banner ${id}`, ...(campaign === null ? [] : [' · campaign ', link]))
    }
  }
}

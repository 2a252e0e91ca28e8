/** @import { View, Zone } from '../types.d.ts' */
/** @import { BannerSums, CampaignSums, Move } from './types.d.ts' */
import { writeAddress } from '../address.js'
import { make } from '../dom.js'
import { count } from '../format.js'
import { difference } from './change.js'
import { changeMark } from './figure-card.js'
import { nameCell, numberCell } from './list-card.js'
import { sparkline } from './sparkline.js'

/**
 * The row of a banner among the most clicked.
 * @param {BannerSums} banner
 * @param {number} before its clicks in the week before
 * @param {string} cut when the last day of `stats` ends
 * @param {Zone} zone
 */
export function bannerRow({ bannerId, name, total, stats = [] }, before, cut, zone) {
  return [nameCell(bannerLink(bannerId, name, zone)), ...weekCells(total, before, stats, cut)]
}

/**
 * The row of a campaign among the most clicked.
 * @param {CampaignSums} campaign
 * @param {number} before its clicks in the week before
 * @param {string} cut when the last day of `stats` ends
 * @param {Zone} zone
 */
export function campaignRow({ campaign, total, stats = [] }, before, cut, zone) {
  const name =
    campaign === null
      ? make('span', { class: 'none' }, 'Without a campaign')
      : link('banners', { campaign }, zone, campaign)
  return [nameCell(name), ...weekCells(total, before, stats, cut)]
}

/** The row of a banner whose clicks have changed much. @param {Move} move @param {Zone} zone */
export function moveRow({ bannerId, name, now, before }, zone) {
  const mark = changeMark(now, before)
  mark.textContent = difference(now, before)
  return [
    nameCell(bannerLink(bannerId, name, zone)),
    numberCell(count(before)),
    numberCell(count(now)),
    numberCell(mark),
  ]
}

/** @param {number} total @param {number} before @param {NonNullable<BannerSums['stats']>} stats @param {string} cut */
function weekCells(total, before, stats, cut) {
  return [
    make('td', { class: 'curve' }, ...(stats.length === 0 ? [] : [sparkline(stats, cut)])),
    numberCell(count(total)),
    numberCell(changeMark(total, before)),
  ]
}

/** @param {number} id @param {string | null} name @param {Zone} zone */
function bannerLink(id, name, zone) {
  return link('banner', { id: String(id) }, zone, name ?? `Banner ${id}`)
}

/**
 * @param {View} view
 * @param {Record<string, string>} values
 * @param {Zone} zone
 * @param {string} words
 */
function link(view, values, zone, words) {
  const href = writeAddress({ view, zone, values: new URLSearchParams(values) })
  // A name may be written from right to left.
  return make('a', { href, title: words }, make('bdi', {}, words))
}

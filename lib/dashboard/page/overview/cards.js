/** @import { Clock } from '../clock.js' */
/** @import { Card } from './card.js' */
/** @import { Answers, QuestionName, Span } from './types.d.ts' */
/** @import { Columns } from './list-card.js' */
import { FigureCard } from './figure-card.js'
import { ListCard } from './list-card.js'
import { biggestMoves } from './moves.js'
import { MOST_CLICKED } from './questions.js'
import { bannerRow, campaignRow, moveRow } from './rows.js'
import { cutOf, noneWords } from './span.js'
import { TodayCard } from './today-card.js'

const TOP_BANNERS = 10
const MOST_MOVES = 5
const AMONG = `Among the ${MOST_CLICKED} most clicked banners of these 7 days, and the ${MOST_CLICKED} of the 7 before.`
const RANKED = /** @type {Columns} */ ({ 'By day': 'curve', Clicks: 'number', Change: 'number' })
const MOVED = /** @type {Columns} */ ({ Banner: 'name', Before: 'number', Now: 'number', Change: 'number' })

/**
 * @typedef {object} AnsweredCard
 * @property {Card} card
 * @property {readonly QuestionName[]} needs
 * @property {(answers: Answers, atMs: number, span: Span) => void} show called when all that it needs is known; only that is there
 */

/**
 * The cards of the view, in their order.
 * @param {Clock} clock
 * @returns {AnsweredCard[]}
 */
export function makeCards(clock) {
  const today = new TodayCard()
  const week = new FigureCard('week', 'Last 7 days', 'the 7 days before')
  const month = new FigureCard('month', 'Last 30 days', 'the 30 days before')
  return [
    {
      card: today,
      needs: ['today'],
      show: (answers, atMs, { clock }) => today.show(answers.today.stats ?? [], atMs, clock),
    },
    {
      card: week,
      needs: ['week'],
      show: answers => week.show(answers.week, answers.week.compared?.total ?? 0),
    },
    {
      card: month,
      needs: ['month'],
      show: answers => month.show(answers.month, answers.month.compared?.total ?? 0),
    },
    topBanners(clock),
    topCampaigns(clock),
    moved(clock, 'up', 'Biggest gains, last 7 days'),
    moved(clock, 'down', 'Biggest losses, last 7 days'),
  ]
}

/** @param {Clock} clock @returns {AnsweredCard} */
function topBanners(clock) {
  const card = new ListCard('top', 'Most clicked banners, last 7 days', { Banner: 'name', ...RANKED })
  return {
    card,
    needs: ['week'],
    show: ({ week: { banners = [], compared } }, _atMs, span) => {
      const top = banners.slice(0, TOP_BANNERS).filter(({ total }) => total > 0)
      card.show(
        top.map((banner, index) =>
          bannerRow(banner, compared?.banners?.[index]?.total ?? 0, cutOf(span), clock.zone),
        ),
        noneWords(span),
      )
    },
  }
}

/** @param {Clock} clock @returns {AnsweredCard} */
function topCampaigns(clock) {
  const card = new ListCard('campaigns', 'Most clicked campaigns, last 7 days', {
    Campaign: 'name',
    ...RANKED,
  })
  return {
    card,
    needs: ['campaigns'],
    show: ({ campaigns: { campaigns = [], compared } }, _atMs, span) => {
      const top = campaigns.filter(({ total }) => total > 0)
      card.show(
        top.map((one, index) =>
          campaignRow(one, compared?.campaigns?.[index]?.total ?? 0, cutOf(span), clock.zone),
        ),
        noneWords(span),
      )
    },
  }
}

/** @param {Clock} clock @param {'up' | 'down'} way @param {string} title @returns {AnsweredCard} */
function moved(clock, way, title) {
  const card = new ListCard(way, title, MOVED, AMONG)
  return {
    card,
    needs: ['week', 'before', 'rest'],
    show: ({ week, before, rest }) => {
      const sums = {
        now: week.banners ?? [],
        compared: week.compared?.banners ?? [],
        before: before.banners ?? [],
        rest: rest.banners ?? [],
      }
      card.show(biggestMoves(sums, MOST_MOVES)[way].map(move => moveRow(move, clock.zone)))
    },
  }
}

import { expect } from 'chai'
import { otherComplaints, sentence, stateWords } from '../../lib/dashboard/page/sentence.js'
import { nothingKnown as fresh, learn } from '../../lib/dashboard/page/situation.js'
import type { Health, Situation } from '../../lib/dashboard/page/types.d.ts'

const NOW_MS = Date.parse('2024-12-12T10:00:42Z')

function healthOf(
  status: string,
  changes: { reason?: string; detail?: string; pending?: number; database?: object; lastError?: string } = {},
) {
  const { reason = null, detail = null, pending = 0, database = {}, lastError = null } = changes
  return {
    status,
    reason,
    reasons: reason === null ? [] : [{ reason, since: null, detail }],
    clicks: { accepted: 1500 + pending, stored: 1500, pending },
    database: { status: 'up', downSince: null, ...database },
    flush: { lastError },
  } as unknown as Health
}

/** The sentence at NOW_MS, with plain spaces between thousands. */
function said(situation: Situation) {
  const { verdict, detail, ...rest } = sentence(situation, NOW_MS, () => '10:00:00')
  return { ...rest, text: `${verdict} ${detail}`.replaceAll('\u202f', ' ') }
}

const logInFirst = { needsLogIn: true, message: 'this needs a key' }
const away = { status: 'down', downSince: '2024-12-12T10:00:00Z' }
const states: { of: string; situation: Situation; tone: string; text: string }[] = [
  { of: 'nothing known', situation: fresh, tone: 'idle', text: 'Asking the service … ' },
  ...[
    ['good', '1 500 clicks stored since the start, 20 on the way.', healthOf('ok', { pending: 20 })] as const,
    ['good', '1 500 clicks stored since the start.', healthOf('ok')] as const,
    [
      'warn',
      'Postgres has been away for 42 s; 18 211 clicks wait in the journal.',
      healthOf('degraded', { reason: 'database_down', pending: 18_211, database: away }),
    ] as const,
    [
      'warn',
      'Postgres has been away for 42 s; 1 click waits in the journal.',
      healthOf('degraded', { reason: 'database_down', pending: 1, database: away }),
    ] as const,
    [
      'warn',
      'Clicks cannot be stored in Postgres; no click waits.',
      healthOf('degraded', { reason: 'flush_failing', detail: '42P01: no such table' }),
    ] as const,
    [
      'warn',
      'fsync is off in Postgres: switch it on.',
      healthOf('degraded', {
        reason: 'database_not_durable',
        detail: 'fsync is off in Postgres: switch it on.',
      }),
    ] as const,
    [
      'warn',
      'Postgres has not been reached yet; 7 clicks wait in the journal.',
      healthOf('degraded', { reason: 'database_unknown', pending: 7, database: { status: 'unknown' } }),
    ] as const,
  ].map(([tone, text, health]) => ({
    of: `${health.status}, ${text}`,
    situation: learn(fresh, health, NOW_MS),
    tone,
    text: `Counting. ${text}`,
  })),
  ...[
    ['journal_full', 'The journal is full'],
    ['journal_failing', 'The journal cannot be written'],
  ].map(([reason, text]) => ({
    of: `refusing, ${reason}`,
    situation: learn(fresh, healthOf('refusing', { reason: reason!, pending: 5 }), NOW_MS),
    tone: 'bad',
    text: `Not counting. ${text}: clicks get 503; 5 clicks wait in the journal.`,
  })),
  {
    of: 'stopping',
    situation: learn(fresh, healthOf('stopping', { pending: 5 }), NOW_MS),
    tone: 'warn',
    text: 'Stopping. Send new clicks elsewhere; 5 clicks wait in the journal.',
  },
  {
    of: 'starting',
    situation: learn(fresh, healthOf('starting'), NOW_MS),
    tone: 'warn',
    text: 'Starting. Clicks are not taken yet.',
  },
  {
    of: 'no answer',
    situation: learn(learn(fresh, healthOf('ok'), NOW_MS - 50_000), null, NOW_MS - 42_000),
    tone: 'bad',
    text: 'The service does not answer. No answer since 10:00:00, for 42 s.',
  },
  {
    of: 'that somebody has to log in',
    situation: learn(fresh, logInFirst, NOW_MS),
    tone: 'idle',
    text: 'Not shown. The state of the service: log in with a key that has the scope operate.',
  },
  {
    of: 'that the key is for other things',
    situation: learn(fresh, { needsLogIn: false, message: 'this key has not the scope operate' }, NOW_MS),
    tone: 'idle',
    text: 'Not shown. The state of the service: this key has not the scope operate.',
  },
  {
    of: 'that the session has ended',
    situation: learn(learn(fresh, healthOf('ok'), NOW_MS), logInFirst, NOW_MS),
    tone: 'idle',
    text: 'Not shown any more. These are the last figures: log in to go on.',
  },
  {
    of: 'that somebody has logged in again',
    situation: learn(learn(fresh, logInFirst, NOW_MS), healthOf('ok'), NOW_MS),
    tone: 'good',
    text: 'Counting. 1 500 clicks stored since the start.',
  },
]

describe('the state in one sentence', () => {
  for (const { of, situation, tone, text } of states)
    it(`is told: ${of}`, () => {
      expect(said(situation)).to.include({ tone, text })
    })

  it('counts the silence from its first moment, and forgets it with the next answer', () => {
    const silent = [30, 20, 10].reduce((before, ago) => learn(before, null, NOW_MS - ago * 1000), fresh)
    expect(said(silent).text).to.include('for 30 s')
    expect(said(learn(silent, healthOf('ok'), NOW_MS)).tone).to.equal('good')
  })

  it('is announced without figures: a screen reader reads it only when the state changes', () => {
    const first = learn(
      fresh,
      healthOf('degraded', { reason: 'database_down', pending: 1, database: away }),
      NOW_MS,
    )
    const later = learn(
      first,
      healthOf('degraded', { reason: 'database_down', pending: 900, database: away }),
      NOW_MS + 5000,
    )
    expect(said(later).announcement).to.equal(said(first).announcement)
    expect(said(later).announcement).to.match(/Postgres is away/)
    expect(said(later).announcement).not.to.match(/\d/)
  })
})

describe('the tab', () => {
  const states: [words: string, situation: Situation][] = [
    ['asking', fresh],
    ['', learn(fresh, healthOf('ok'), NOW_MS)],
    ['degraded', learn(fresh, healthOf('degraded', { database: away }), NOW_MS)],
    ['not counting', learn(fresh, healthOf('refusing', { reason: 'journal_full' }), NOW_MS)],
    ['stopping', learn(fresh, healthOf('stopping'), NOW_MS)],
    ['starting', learn(fresh, healthOf('starting'), NOW_MS)],
    ['not shown', learn(learn(fresh, healthOf('ok'), NOW_MS), logInFirst, NOW_MS)],
    ['no answer', learn(learn(fresh, healthOf('ok'), NOW_MS), null, NOW_MS)],
  ]
  for (const [words, situation] of states)
    it(`says: ${words === '' ? 'nothing, while all is well' : words}`, () => {
      expect(stateWords(situation)).to.equal(words)
    })
})

describe('what else is wrong', () => {
  const health = {
    ...healthOf('degraded', { reason: 'database_down', database: away }),
    reasons: [
      { reason: 'database_down', since: null, detail: 'ECONNREFUSED' },
      { reason: 'journal_odd_files', since: null, detail: 'A file is odd: move it away.' },
      { reason: 'journal_full', since: null, detail: null },
    ],
  } as unknown as Health

  it('stands below the state, in its own words when it has any', () => {
    expect(otherComplaints(learn(fresh, health, NOW_MS))).to.deep.equal([
      'A file is odd: move it away.',
      'journal_full',
    ])
  })

  it('is empty before the first answer, while the service does not answer, and while it is not shown', () => {
    expect(otherComplaints(fresh)).to.deep.equal([])
    expect(otherComplaints(learn(learn(fresh, health, NOW_MS), logInFirst, NOW_MS))).to.deep.equal([])
    expect(otherComplaints(learn(learn(fresh, health, NOW_MS), null, NOW_MS))).to.deep.equal([])
  })
})

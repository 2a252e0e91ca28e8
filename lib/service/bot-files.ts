import type { Logger } from 'pino'
import { collectGarbage } from '../base/collect-garbage.ts'
import { ConfigError } from '../base/errors.ts'
import type { BotLists } from '../bots/bot-lists.ts'
import { readBotLists } from '../bots/read-bot-lists.ts'
import type { Config } from '../config/config.ts'
import type { Publication } from '../messages.ts'
import type { Flushing } from './flushing.ts'

interface BotFilesOptions extends Pick<Flushing, 'books' | 'conditions'> {
  readonly config: Config
  readonly log: Logger
  /** What the files say at the start. null: none is set. */
  readonly lists: BotLists | null
}

/** Main's side of the operator's lists of bots: which are in force, and how they are read again. */
export class BotFiles {
  readonly #options: BotFilesOptions
  #lists: BotLists | null
  /** Resolves when the readings that were asked for are over. */
  #last: Promise<void> = Promise.resolve()

  constructor(options: BotFilesOptions) {
    this.#options = options
    this.#lists = options.lists
    if (options.lists !== null) this.#tell(options.lists, 'read')
  }

  /** What is in force. */
  get lists(): BotLists | null {
    return this.#lists
  }

  /**
   * Reads the files again, has the threads go by them, and resolves. One reading after the other: swapped, an older
   * file could be in force last. When a file is wrong, what was in force before stays in force.
   */
  reread(send: (publication: Publication) => Promise<boolean>): Promise<void> {
    this.#last = this.#last.then(() => this.#reread(send))
    return this.#last
  }

  async #reread(send: (publication: Publication) => Promise<boolean>): Promise<void> {
    const { config, conditions, log } = this.#options
    try {
      const lists = (await readBotLists(config.classes))!
      // Before they are sent: a thread that starts meanwhile is given what stands here, and is not sent to.
      this.#lists = lists
      const areInForce = await send({ kind: 'bots', lists })
      // Main's own hold on the ranges before: V8 knows nothing of how much memory they take.
      collectGarbage()
      conditions.clear('bot_lists_wrong')
      this.#tell(
        lists,
        areInForce ? 'read again' : 'read again; a request thread that hangs goes by them later',
      )
    } catch (error) {
      const mistakes = error instanceof ConfigError ? error.mistakes : [String(error)]
      for (const mistake of mistakes) log.error(mistake)
      // Nothing of the files: a licensed list is not to be read on /health.
      conditions.raise(
        'bot_lists_wrong',
        'the lists of bots were wrong when they were read again, so the ones before stay in force. The log names what is ' +
          'wrong: mend it, and send SIGHUP again',
      )
    }
  }

  /** No pattern's text: a licensed list is nobody else's to read. */
  #tell({ patterns, ranges }: BotLists, what: string): void {
    const { books, log } = this.#options
    books.set('botPatterns', patterns.length)
    books.set('botRanges', ranges.count)
    books.set('botListsReadAtMs', Date.now())
    log.info({ patterns: patterns.length, ranges: ranges.count }, `lists of bots: ${what}`)
  }
}

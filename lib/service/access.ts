import type { Logger } from 'pino'
import { AccessFile } from '../access-watch/access-file.ts'
import { AccessReport } from '../access-watch/access-report.ts'
import { AccessSource } from '../access-watch/access-source.ts'
import { AccessWatch } from '../access-watch/access-watch.ts'
import type { Config, DatabaseServer } from '../config/config.ts'
import type { Flushing } from './flushing.ts'

interface AccessOptions extends Pick<Flushing, 'memory' | 'books' | 'conditions'> {
  readonly config: Config
  readonly database: DatabaseServer
  readonly log: Logger
}

/** Main's watch over the keys, which knows those of the file already. It asks Postgres once it is started. */
export function openAccessWatch({ config, ...options }: AccessOptions): AccessWatch {
  const { adminKey } = config.access
  const watch = new AccessWatch({
    source: new AccessSource(options.database),
    file: new AccessFile(config.dataDir, options.log),
    report: new AccessReport({ adminKey, ...options }),
  })
  watch.load()
  return watch
}

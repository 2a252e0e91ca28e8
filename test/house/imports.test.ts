import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/**
 * The rooms of the house, from the entries down to what everything stands on: a file imports from its own room and
 * from those below. A room is a folder and what is in it, but for folders that are rooms of their own.
 */
const ROOMS = [
  'bench',
  'workers',
  'lib/main.ts',
  'lib/service',
  'lib/request-thread',
  'lib/http',
  'lib/dashboard',
  'lib/health',
  'lib/ingest',
  'lib/flush',
  'lib/flush-worker',
  'lib/messages.ts',
  'lib/log',
  'lib/journal/tools',
  'lib/journal/keep',
  'lib/journal/append',
  'lib/journal/files',
  'lib/ring',
  'lib/books',
  'lib/memory',
  'lib/rows',
  'db',
  'db/backup',
  'db/embedded',
  'lib/questions',
  'lib/config',
  'lib/exclusive',
  'lib/base',
]

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { choosePostgresUser } from '../../db/embedded/as-user.ts'
import type { DatabaseServer } from '../../lib/config/config.ts'
import { chooseFreePort } from './free-port.ts'
import { untilListening } from './listening.ts'
import { unpackedTool } from './unpacked.ts'

export interface PgBouncer {
  /** The database behind it, through it. */
  readonly server: DatabaseServer
  kill(): Promise<void>
  /** After `kill`, on the same port. */
  start(): Promise<void>
  remove(): Promise<void>
}

/** Debian's PgBouncer in transaction mode for every database of a server. `settings` add to its own. */
export async function startPgBouncer(
  target: DatabaseServer,
  settings: readonly string[] = [],
): Promise<PgBouncer> {
  const { path, env } = await unpackedTool('pgbouncer', ['pgbouncer', 'libc-ares2', 'libevent-2.1-7'])
  const folder = await mkdtemp(join(tmpdir(), 'clickcounter-pgbouncer-'))
  // Like Postgres, it refuses to run as root.
  await chmod(folder, 0o755)
  const user = await choosePostgresUser('/bin/true', folder)
  const port = await chooseFreePort()
  const file = join(folder, 'pgbouncer.ini')
  const authFile = join(folder, 'userlist.txt')
  await writeFile(authFile, `"${target.user}" "${target.password}"\n`)
  await writeFile(
    file,
    [
      '[databases]',
      `* = host=${target.host} port=${target.port}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = md5',
      `auth_file = ${authFile}`,
      'pool_mode = transaction',
      ...settings,
      '',
    ].join('\n'),
  )
  let child: ChildProcess
  const start = async () => {
    const { file: program, args, ...as } = user.command(path, [file])
    child = spawn(program, args, { ...as, env, stdio: ['ignore', 'ignore', 'pipe'] })
    await untilListening(child, port)
  }
  const kill = async () => {
    const ended = once(child, 'close')
    child.kill('SIGKILL')
    await ended
  }
  await start()
  return {
    server: { ...target, host: '127.0.0.1', port },
    kill,
    start,
    async remove() {
      if (child.signalCode === null) await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

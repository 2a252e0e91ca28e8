import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { untilListening } from './listening.ts'
import { type Tool, unpackedTool } from './unpacked.ts'

export interface FrontProxy {
  end(): Promise<void>
}

/** Debian's nginx with one worker and these servers and upstreams. It is ready when it listens on `port`. */
export function startNginx(port: number, http: string): Promise<FrontProxy> {
  return startWholeNginx(port, `events {}\nhttp {\naccess_log off;\n${http}\n}`)
}

/** Debian's nginx with a whole configuration. Where its files are is not in it. */
export async function startWholeNginx(port: number, configuration: string): Promise<FrontProxy> {
  const nginx = await unpackedTool('nginx', ['nginx'])
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return start(nginx, port, folder => ({
    configuration: `
      daemon off;
      pid ${folder}/pid;
      error_log stderr error;
      ${configuration.replace(
        'http {',
        text => `${text}\n${temporary.map(name => `${name}_temp_path ${folder}/${name};`).join(' ')}`,
      )}`,
    options: file => ['-p', folder, '-e', 'stderr', '-c', file],
  }))
}

/** Debian's HAProxy, with these frontends and backends. */
export async function startHaproxy(port: number, sections: string): Promise<FrontProxy> {
  const haproxy = await unpackedTool('haproxy', [
    'haproxy',
    'liblua5.3-0',
    'libopentracing-c-wrapper0',
    'libopentracing1',
  ])
  return start(haproxy, port, () => ({ configuration: sections, options: file => ['-db', '-f', file] }))
}

interface Start {
  readonly configuration: string
  readonly options: (file: string) => readonly string[]
}

async function start(
  { path, env }: Tool,
  port: number,
  describe: (folder: string) => Start,
): Promise<FrontProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'clickcounter-proxy-'))
  const file = join(folder, 'configuration')
  const { configuration, options } = describe(folder)
  // HAProxy wants a newline at the end.
  await writeFile(file, `${configuration}\n`)
  const child = spawn(path, options(file), { env, stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(child, 'close')
  const proxy = {
    async end() {
      // To both programs, this signal means to stop at once.
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
  await untilListening(child, port)
  return proxy
}

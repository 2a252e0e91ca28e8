import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

export interface Asset {
  readonly path: string
  readonly type: string
  readonly body: Buffer
  /** Of the content: the same from every thread and every instance of this version. */
  readonly etag: string
}

const types = { html: 'text/html', css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml' }

const files = [
  'charts.js',
  'clock.js',
  'explore.js',
  'explore-query.js',
  'format.js',
  'health.js',
  'history.js',
  'icon.svg',
  'live.js',
  'main.js',
  'panels.js',
  'sentence.js',
  'situation.js',
  'style.css',
]

/** All that the dashboard is made of, read once. Nothing else is ever looked up by a name that a client sends. */
export function readAssets(): Asset[] {
  return [
    read('/dashboard', new URL('page/index.html', import.meta.url)),
    ...files.map(name => read(`/dashboard/${name}`, new URL(`page/${name}`, import.meta.url))),
    read('/dashboard/uplot.js', new URL(import.meta.resolve('uplot/dist/uPlot.esm.js'))),
    read('/dashboard/uplot.css', new URL(import.meta.resolve('uplot/dist/uPlot.min.css'))),
  ]
}

function read(path: string, file: URL): Asset {
  const body = readFileSync(file)
  const extension = file.pathname.split('.').at(-1) as keyof typeof types
  return { path, type: types[extension], body, etag: createHash('sha256').update(body).digest('base64url') }
}

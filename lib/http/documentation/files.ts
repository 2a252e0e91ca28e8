/** A file of the page at /documentation. */
export interface ReaderFile {
  readonly url: URL
  readonly type: string
}

const ours = (name: string) => new URL(name, import.meta.url)
const swaggerUi = (name: string) => new URL(import.meta.resolve(`swagger-ui-dist/${name}`))

export const readerPage: ReaderFile = { url: ours('reader.html'), type: 'text/html' }

/** What the page loads, by the name that it has under /documentation. Nothing else can be asked for. */
export const readerFiles: ReadonlyMap<string, ReaderFile> = new Map([
  ['start.js', { url: ours('start.js'), type: 'text/javascript' }],
  ['swagger-ui.css', { url: swaggerUi('swagger-ui.css'), type: 'text/css' }],
  ['swagger-ui-bundle.js', { url: swaggerUi('swagger-ui-bundle.js'), type: 'text/javascript' }],
])

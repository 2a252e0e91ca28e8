const ours = (name: string) => new URL(name, import.meta.url)
const swaggerUi = (name: string) => new URL(import.meta.resolve(`swagger-ui-dist/${name}`))

export const documentationPage = ours('index.html')

/** The files that the page loads, by their names under /documentation. */
export const documentationFiles: ReadonlyMap<string, URL> = new Map([
  ['start.js', ours('start.js')],
  ['documentation.css', ours('documentation.css')],
  ['swagger-ui.css', swaggerUi('swagger-ui.css')],
  ['swagger-ui-bundle.js', swaggerUi('swagger-ui-bundle.js')],
])

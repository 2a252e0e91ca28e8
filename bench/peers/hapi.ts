import Hapi from '@hapi/hapi'
import Joi from '@hapi/joi'

/** What is measured beside the service: a route as Hapi's and Joi's guides have it, clicks in a Map. */

const clicks = new Map<string, number>()
const server = Hapi.server({ host: '127.0.0.1', port: Number(process.argv[2]) })

server.route({
  method: 'GET',
  path: '/counter/{id}',
  options: { validate: { params: Joi.object({ id: Joi.number().integer().min(1).max(2_147_483_647) }) } },
  handler: (request, h) => {
    const key = `${request.params.id}:${Math.floor(Date.now() / 60_000)}`
    clicks.set(key, (clicks.get(key) ?? 0) + 1)
    return h
      .response()
      .code(204)
      .header('cache-control', 'no-store')
      .header('access-control-allow-origin', '*')
  },
})
server.route({
  method: 'GET',
  path: '/total',
  handler: () => clicks.values().reduce((sum, count) => sum + count, 0),
})

await server.start()

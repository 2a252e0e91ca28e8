import Fastify from 'fastify'
import pg from 'pg'

/** What is measured beside the service: one upsert for each click, answered when it is stored. */

const UPSERT = `INSERT INTO click_minutes (banner_id, minute, clicks)
  VALUES ($1, date_trunc('minute', now()), 1)
  ON CONFLICT (banner_id, minute) DO UPDATE SET clicks = click_minutes.clicks + 1`

const [port, databaseUrl] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString: databaseUrl, max: 20 })
const server = Fastify()

const params = {
  type: 'object',
  properties: { id: { type: 'integer', minimum: 1, maximum: 2_147_483_647 } },
}
server.get('/counter/:id', { schema: { params } }, async (request, reply) => {
  await pool.query({ name: 'click', text: UPSERT, values: [request.params.id] })
  reply.code(204).header('cache-control', 'no-store').header('access-control-allow-origin', '*')
})
server.get('/total', async () => {
  const { rows } = await pool.query('SELECT coalesce(sum(clicks), 0)::text AS total FROM click_minutes')
  return rows[0].total
})

await server.listen({ host: '127.0.0.1', port: Number(port) })

import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import { untilHealth } from '../support/health.ts'
import { endService, startServiceProcess } from '../support/process.ts'

// On other systems, threads have no priority of their own.
if (process.platform === 'linux')
  describe('the flush worker', () => {
    it('gives way to everyone else, by its priority', async () => {
      const service = await startServiceProcess({ SERVER_THREADS: '1' })
      // Its thread starts with its first task.
      await fetch(`${service.url}/counter/1`)
      await untilHealth(service, ({ clicks }) => clicks.stored === 1)
      const niceByName = new Map(threadsOf(service.child.pid!))
      await endService(service)
      expect(niceByName.get('WorkerThread')).to.equal(5)
      expect(niceByName.get('request 0')).to.equal(0)
      expect([...niceByName.values()].filter(nice => nice !== 0)).to.have.length(1)
    })
  })

/** Name and nice value of each thread. */
function threadsOf(pid: number): [name: string, nice: number][] {
  return readdirSync(`/proc/${pid}/task`).map(tid => {
    const line = readFileSync(`/proc/${pid}/task/${tid}/stat`, 'utf8')
    const nameEnd = line.lastIndexOf(')')
    // See proc(5): nice is the 19th field, the name the second.
    const nice = Number(line.slice(nameEnd + 2).split(' ')[16])
    return [line.slice(line.indexOf('(') + 1, nameEnd), nice]
  })
}

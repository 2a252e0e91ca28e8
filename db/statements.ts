import { readFileSync } from 'node:fs'

/** The statements of the service, one file each in db/sql. */
export const statements = {
  advanceLedger: read('advance-ledger'),
  addClicks: read('add-clicks'),
  databaseId: read('database-id'),
  ledgerStands: read('ledger-stands'),
  endWriter: read('end-writer'),
  deleteEndedWriters: read('delete-ended-writers'),
  totalClicks: read('total-clicks'),
  clicksByMinute: read('clicks-by-minute'),
  findTables: read('find-tables'),
  findWeaknesses: read('find-weaknesses'),
  serviceConnections: read('service-connections'),
} as const

function read(name: string): string {
  return readFileSync(new URL(`./sql/${name}.sql`, import.meta.url), 'utf8')
}

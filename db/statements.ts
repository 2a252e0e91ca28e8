import { readFileSync } from 'node:fs'

/** The statements of the service, one file each in db/sql. */
export const statements = {
  advanceLedger: read('advance-ledger'),
  addClicks: read('add-clicks'),
  databaseId: read('database-id'),
  ledgerStands: read('ledger-stands'),
  endWriter: read('end-writer'),
  deleteEndedWriters: read('delete-ended-writers'),
  clicksByMinute: read('clicks-by-minute'),
  clicksByStep: read('clicks-by-step'),
  bannerNames: read('banner-names'),
  findTables: read('find-tables'),
  findWeaknesses: read('find-weaknesses'),
  serviceConnections: read('service-connections'),
  accessToken: read('access-token'),
  accessSnapshot: read('access-snapshot'),
  lockAccess: read('lock-access'),
  renewAccessToken: read('renew-access-token'),
  listKeys: read('list-keys'),
  keyWithHash: read('key-with-hash'),
  addKey: read('add-key'),
  retireReplacedKeys: read('retire-replaced-keys'),
  revokeKey: read('revoke-key'),
  replaceKey: read('replace-key'),
  mergeKeys: read('merge-keys'),
  noteUse: read('note-use'),
  endSession: read('end-session'),
  deletePastSessions: read('delete-past-sessions'),
  deleteEndedSessions: read('delete-ended-sessions'),
  renewSessionSecret: read('renew-session-secret'),
  lockBanners: read('lock-banners'),
  newestBannerRevision: read('newest-banner-revision'),
  addBannerRevision: read('add-banner-revision'),
  bannersById: read('banners-by-id'),
  listBanners: read('list-banners'),
  writeBanners: read('write-banners'),
  deleteBanners: read('delete-banners'),
  addBannerChanges: read('add-banner-changes'),
  listBannerChanges: read('list-banner-changes'),
  readBannerRevision: read('read-banner-revision'),
  readBanners: read('read-banners'),
  readChangedBanners: read('read-changed-banners'),
} as const

function read(name: string): string {
  return readFileSync(new URL(`./sql/${name}.sql`, import.meta.url), 'utf8')
}

import { SCOPES } from '../../../lib/access/scopes.ts'
import { newKey } from '../../support/keys.ts'
import type { RequestParts } from '../../support/raw-http.ts'

const JSON_BODY = 'Content-Type: application/json'
const BULK = '{"clicks":[{"id":1},{"id":2,"count":5}]}'
const DAY = '{"from":"2024-12-12","to":"2024-12-13"}'
const OTHER_VERSION = 'If-Match: "other"'
export const FROM_THE_PAGE = 'Sec-Fetch-Site: same-origin'
/** With every scope. */
export const key = newKey(SCOPES)

/** A request of each operation that is answered well. */
export const good: Record<string, RequestParts> = {
  countByGet: { target: '/counter/1' },
  countByPost: { method: 'POST', target: '/counter/1', body: 'ping' },
  allowCounting: { method: 'OPTIONS', target: '/counter/1' },
  countByPixel: { target: '/counter/1.gif' },
  allowCountingByPixel: { method: 'OPTIONS', target: '/counter/1.gif' },
  follow: { target: '/click/1' },
  allowFollowing: { method: 'OPTIONS', target: '/click/1' },
  countMany: { method: 'POST', target: '/counter', headers: [JSON_BODY], body: BULK },
  allowCountingMany: { method: 'OPTIONS', target: '/counter' },
  readClicks: { method: 'POST', target: '/stats/1', headers: [JSON_BODY], body: DAY },
  readManyClicks: {
    method: 'POST',
    target: '/stats',
    headers: [JSON_BODY],
    body: '{"ids":[1],"from":"2024-12-12","to":"2024-12-13"}',
  },
  reportHealth: { target: '/health' },
  reportLive: { target: '/health/live' },
  reportReady: { target: '/health/ready' },
  checkLive: { method: 'OPTIONS', target: '/health/live' },
  checkReady: { method: 'OPTIONS', target: '/health/ready' },
  checkRoot: { method: 'OPTIONS', target: '/' },
  allowHealth: { method: 'OPTIONS', target: '/health' },
  reportMetrics: { target: '/metrics' },
  listKeys: { target: '/keys' },
  createKey: {
    method: 'POST',
    target: '/keys',
    headers: [JSON_BODY],
    body: '{"name":"a","scopes":["read"]}',
  },
  revokeKey: { method: 'DELETE', target: '/keys/{id}' },
  rotateKey: { method: 'POST', target: '/keys/{id}/rotate', headers: [JSON_BODY], body: '{}' },
  listBanners: { target: '/banners' },
  importBanners: { method: 'POST', target: '/banners', headers: [JSON_BODY], body: '[{"id":4,"name":"a"}]' },
  putBanner: { method: 'PUT', target: '/banners/1', headers: [JSON_BODY], body: '{"name":"a"}' },
  changeBanner: { method: 'PATCH', target: '/banners/1', headers: [JSON_BODY], body: '{"labels":["a"]}' },
  readBanner: { target: '/banners/1' },
  listBannerChanges: { target: '/banners/1/changes' },
  deleteBanner: { method: 'DELETE', target: '/banners/3' },
  logIn: {
    method: 'POST',
    target: '/session',
    headers: [JSON_BODY, FROM_THE_PAGE],
    body: JSON.stringify({ key: key.text }),
  },
  readSession: { target: '/session' },
  logOut: { method: 'DELETE', target: '/session', headers: [FROM_THE_PAGE] },
  showDashboardAtRoot: { target: '/' },
  showDashboard: { target: '/dashboard' },
  showDashboardFile: { target: '/dashboard/main.js' },
  showBannerFile: { target: '/dashboard/banner/view.js' },
  showBannersFile: { target: '/dashboard/banners/view.js' },
  loadScript: { target: '/clickcounter.js' },
  readDocument: { target: '/openapi.json' },
  showDocument: { target: '/documentation' },
  showDocumentFile: { target: '/documentation/start.js' },
}

/** How each operation comes to answers of its own. */
export const special: Record<string, RequestParts> = {
  'follow 404 application/json': { target: '/click/2' },
  'follow 404 text/html': { target: '/click/2', headers: ['Accept: text/html'] },
  'readClicks 200 text/csv': { ...good.readClicks, headers: [JSON_BODY, 'Accept: text/csv'] },
  'readClicks 406 application/json': { ...good.readClicks, headers: [JSON_BODY, 'Accept: text/html'] },
  'readClicks 415 application/json': { ...good.readClicks, headers: ['Content-Type: text/plain'] },
  'readManyClicks 406 application/json': { ...good.readManyClicks, headers: [JSON_BODY, 'Accept: text/csv'] },
  'readManyClicks 415 application/json': { ...good.readManyClicks, headers: ['Content-Type: text/plain'] },
  'countMany 415 application/json': { ...good.countMany, headers: ['Content-Type: text/csv'] },
  'createKey 415 application/json': { ...good.createKey, headers: ['Content-Type: text/plain'] },
  'rotateKey 415 application/json': { ...good.rotateKey, headers: ['Content-Type: text/plain'] },
  'rotateKey 404 application/json': { ...good.rotateKey, target: '/keys/none/rotate' },
  'revokeKey 404 application/json': { ...good.revokeKey, target: '/keys/none' },
  'listBanners 200 application/x-ndjson': { ...good.listBanners, headers: ['Accept: application/x-ndjson'] },
  'listBanners 200 text/csv': { ...good.listBanners, headers: ['Accept: text/csv'] },
  'listBanners 406 application/json': { ...good.listBanners, headers: ['Accept: text/html'] },
  'importBanners 415 application/json': { ...good.importBanners, headers: ['Content-Type: text/plain'] },
  'putBanner 200 application/json': good.putBanner!,
  'putBanner 412 application/json': { ...good.putBanner, headers: [JSON_BODY, OTHER_VERSION] },
  'putBanner 415 application/json': { ...good.putBanner, headers: ['Content-Type: text/plain'] },
  'changeBanner 412 application/json': { ...good.changeBanner, headers: [JSON_BODY, OTHER_VERSION] },
  'changeBanner 404 application/json': { ...good.changeBanner, target: '/banners/2' },
  'changeBanner 415 application/json': { ...good.changeBanner, headers: ['Content-Type: text/plain'] },
  'readBanner 412 application/json': { ...good.readBanner, headers: [OTHER_VERSION] },
  'readBanner 404 application/json': { target: '/banners/2' },
  'listBannerChanges 404 application/json': { target: '/banners/2/changes' },
  'deleteBanner 412 application/json': {
    ...{ method: 'DELETE', target: '/banners/1' },
    headers: [OTHER_VERSION],
  },
  'deleteBanner 404 application/json': { ...good.deleteBanner, target: '/banners/2' },
  'logIn 400 application/json': { ...good.logIn, body: '{}' },
  'logIn 401 application/json': { ...good.logIn, body: '{"key":"cck_"}' },
  'logIn 403 application/json': { ...good.logIn, headers: [JSON_BODY] },
  'logIn 415 application/json': { ...good.logIn, headers: ['Content-Type: text/plain'] },
  'showDashboardFile 200 text/css': { target: '/dashboard/base.css' },
  'showDashboardFile 200 image/svg+xml': { target: '/dashboard/icon.svg' },
  'showDashboardFile 404 application/json': { target: '/dashboard/index.html' },
  'showBannerFile 200 text/css': { target: '/dashboard/banner/view.css' },
  'showBannerFile 404 application/json': { target: '/dashboard/banner/main.js' },
  'showBannersFile 200 text/css': { target: '/dashboard/banners/list.css' },
  'showBannersFile 404 application/json': { target: '/dashboard/banners/main.js' },
  'showDocumentFile 200 text/css': { target: '/documentation/swagger-ui.css' },
  'showDocumentFile 404 application/json': { target: '/documentation/package.json' },
}

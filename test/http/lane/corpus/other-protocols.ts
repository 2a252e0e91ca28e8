import { CLICK, CLICKED_ID, type Group, HOST, PATH } from './parts.ts'

/** What was meant for somebody else, and bytes that were meant for nobody. */

const otherProtocols: Group = {
  'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'the preface of HTTP/2 and SETTINGS': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0',
  'the preface of HTTP/2 after a click': `${CLICK}PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`,
  'a TLS handshake':
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\xff\xfe\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd',
  'a TLS handshake after a click': `${CLICK}\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03`,
  'a proxy header, version 1': `PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n${CLICK}`,
  'a proxy header, version 2': `\r\n\r\n\0\r\nQUIT\n!\x11\0\x0c\x7f\0\0\x01\x7f\0\0\x01\0\x50\0\x50${CLICK}`,
  Redis: '*1\r\n$4\r\nPING\r\n',
  SMTP: 'EHLO counter\r\n',
  SSH: 'SSH-2.0-OpenSSH_9.2\r\n',
  'a byte order mark': `\xef\xbb\xbf${CLICK}`,
  garbage: 'garbage\r\n\r\n',
  'garbage after a click': `${CLICK}garbage\r\n\r\n`,
  'garbage between clicks': `${CLICK}garbage\r\n\r\n${CLICK}`,
  'all bytes': String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte)),
  'all bytes after a click': CLICK + String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte)),
  NULs: '\0'.repeat(100),
  'an answer': 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
  'an answer after a click': `${CLICK}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n`,
  'NUL in the path': `GET ${PATH}\0 HTTP/1.1\r\n${HOST}\r\n`,
  'NUL in the query': `GET ${PATH}?\0 HTTP/1.1\r\n${HOST}\r\n`,
  'NUL in the id': `GET /counter/\0${CLICKED_ID} HTTP/1.1\r\n${HOST}\r\n`,
  'DEL in the path': `GET ${PATH}\x7f HTTP/1.1\r\n${HOST}\r\n`,
  'DEL in the query': `GET ${PATH}?\x7f HTTP/1.1\r\n${HOST}\r\n`,
  'a tab in the query': `GET ${PATH}?\t HTTP/1.1\r\n${HOST}\r\n`,
  'a form feed in the query': `GET ${PATH}?\f HTTP/1.1\r\n${HOST}\r\n`,
  'a control character in the query': `GET ${PATH}?\x01 HTTP/1.1\r\n${HOST}\r\n`,
}

export const bytesOfOthers: Readonly<Record<string, Group>> = { 'other protocols': otherProtocols }

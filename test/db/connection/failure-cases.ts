import type { DatabaseServer } from '../../../lib/config/config.ts'

/* Ways in which a Postgres that has been prepared so refuses what it is asked, and what is to be told of each. */

/** Each line lets a role in, or keeps it out, as its name says. Other roles have no line. */
export const PG_HBA = `
hostssl all tls        127.0.0.1/32 scram-sha-256
host    all ghost      127.0.0.1/32 trust
host    all rejected   127.0.0.1/32 reject
host    all clickcounter,limited,mute,poor,reader 127.0.0.1/32 scram-sha-256
`
export const ROLES = `
CREATE ROLE mute PASSWORD 'secret' NOLOGIN;
CREATE ROLE limited PASSWORD 'secret' LOGIN CONNECTION LIMIT 0;
CREATE ROLE poor PASSWORD 'secret' LOGIN;
CREATE ROLE reader PASSWORD 'secret' LOGIN;
ALTER ROLE reader SET default_transaction_read_only = on;
GRANT ALL ON DATABASE clickcounter TO reader;
CREATE DATABASE later;
CREATE DATABASE spoilt;
CREATE DATABASE changed`

interface Case {
  readonly title: string
  readonly server?: Partial<DatabaseServer>
  /** A statement to try, if the connection is made. */
  readonly sql?: string
  readonly migrates?: boolean
  readonly reason: string
  /** The words on the page. */
  readonly says: RegExp
}

export const cases: readonly Case[] = [
  {
    title: 'a wrong password',
    server: { password: 'wrong' },
    reason: 'database_password',
    says: /refuses the password of user clickcounter: correct CLICKCOUNTER_DATABASE_PASSWORD/,
  },
  {
    title: 'no password',
    server: { password: '' },
    reason: 'database_password',
    says: /refuses the password of user clickcounter/,
  },
  {
    title: 'a role that is not there',
    server: { user: 'ghost' },
    reason: 'database_login',
    says: /does not let user ghost into database clickcounter: create the role.*role "ghost" does not exist/,
  },
  {
    title: 'a role that may not log in',
    server: { user: 'mute', password: 'secret' },
    reason: 'database_login',
    says: /does not let user mute into.*with LOGIN.*not permitted to log in/,
  },
  {
    title: 'no line in pg_hba.conf',
    server: { user: 'unlisted' },
    reason: 'database_login',
    says: /add a line to pg_hba\.conf.*no pg_hba\.conf entry for host "127\.0\.0\.1", user "unlisted"/,
  },
  {
    title: 'a line in pg_hba.conf that rejects',
    server: { user: 'rejected' },
    reason: 'database_login',
    says: /does not let user rejected into.*pg_hba\.conf rejects/,
  },
  {
    title: 'a line in pg_hba.conf that wants TLS',
    server: { user: 'tls' },
    reason: 'database_login',
    says: /requires TLS, set sslmode to require \(in CLICKCOUNTER_DATABASE_URL, or .*no encryption/,
  },
  {
    title: 'a server without TLS',
    server: { sslMode: 'require' },
    reason: 'database_tls',
    says: /Postgres offers no TLS, and sslmode require requires it: .*set sslmode to disable \(in CLICKCOUNTER_DATABASE_URL/,
  },
  {
    title: 'a certificate authority that cannot be read',
    server: { sslMode: 'verify-ca', sslRootCert: '/nowhere/ca.pem' },
    reason: 'database_tls',
    says: /A file named by sslrootcert, sslcert or sslkey cannot be read.*nowhere\/ca\.pem/,
  },
  {
    title: 'a name that leads nowhere',
    server: { host: 'nowhere.invalid' },
    reason: 'database_host',
    says: /nowhere\.invalid, has no address: correct CLICKCOUNTER_DATABASE_HOST or the URL/,
  },
  {
    title: 'a database that is not there',
    server: { name: 'elsewhere' },
    reason: 'database_missing',
    says: /There is no database elsewhere: create it/,
  },
  {
    title: 'no connection left',
    server: { user: 'limited', password: 'secret' },
    reason: 'database_connections',
    says: /no connection left for user limited: raise max_connections.*CLICKCOUNTER_DATABASE_MAX_OPEN_CONNS/,
  },
  {
    title: 'a read-only server',
    server: { user: 'reader', password: 'secret' },
    sql: 'CREATE TABLE made (a int)',
    reason: 'database_read_only',
    says: /is read-only, and may be a standby: point CLICKCOUNTER_DATABASE_HOST or the URL to the primary/,
  },
  {
    title: 'a full disk',
    sql: "COPY (SELECT generate_series(1, 100000)) TO '/dev/full'",
    reason: 'database_disk_full',
    says: /The disk of Postgres at 127\.0\.0\.1 is full: free some space there.*No space left on device/,
  },
  {
    title: 'a role without CREATE',
    server: { user: 'poor', password: 'secret' },
    migrates: true,
    reason: 'database_rights',
    says: /User poor lacks a privilege in Postgres: GRANT CREATE on the schema.*permission denied for schema public/,
  },
  {
    title: 'a role that may not write',
    server: { user: 'poor', password: 'secret', name: 'later' },
    sql: 'INSERT INTO click_minutes VALUES (1, now(), 1)',
    reason: 'database_rights',
    says: /User poor lacks a privilege.*permission denied for table click_minutes/,
  },
  {
    title: 'a table that is missing',
    sql: 'SELECT FROM nothing',
    reason: 'database_table',
    says: /A table is missing: rename it back, restore a backup.*relation "nothing" does not exist/,
  },
  {
    title: 'a table that is missing at the start',
    server: { name: 'spoilt' },
    migrates: true,
    reason: 'database_table',
    says: /A table is missing.*the table public\.click_minutes is missing/,
  },
  {
    title: 'a column that is missing',
    sql: 'SELECT nothing FROM pg_class',
    reason: 'database_column',
    says: /A column is missing: rename it back.*column "nothing" does not exist/,
  },
  {
    title: 'another table of that name',
    server: { name: 'postgres' },
    migrates: true,
    reason: 'database_schema',
    says: /unclear which tables are the service's.*public\.click_migrations belongs to something else.*Rename it/,
  },
  {
    title: 'tables that another migration has made',
    server: { name: 'changed' },
    migrates: true,
    reason: 'database_schema',
    says: /not made by the migrations of this program.*MD5.*migration \[1\].*run the program that made it/,
  },
  {
    title: 'tables of a newer program',
    server: { name: 'later' },
    migrates: true,
    reason: 'database_newer',
    says: /The tables are newer than this program.*run the newer program/,
  },
  {
    title: 'a lock that somebody holds',
    sql: 'SELECT pg_advisory_lock(1)',
    reason: 'database_busy',
    says: /too busy with the tables: look in pg_stat_activity.*lock timeout/,
  },
  {
    title: 'a statement that takes too long',
    sql: 'SELECT pg_sleep(10)',
    reason: 'database_busy',
    says: /too busy with the tables: look in pg_stat_activity.*statement timeout/,
  },
  {
    title: 'a connection that is cut',
    sql: 'SELECT pg_terminate_backend(pg_backend_pid())',
    reason: 'database_down',
    says: /The connection to 127\.0\.0\.1 was cut \(/,
  },
]

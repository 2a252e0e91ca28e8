/** A state of the registered banners: as they were after one change in one database. */
export interface Revision {
  /** The id of the database. */
  readonly database: string
  /** Numbers tell the order of changes. */
  readonly revision: number
  /** Random. After a failover that lost the newest changes, the same number may have another one. */
  readonly token: string
}

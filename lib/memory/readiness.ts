/** What CONTROL.readiness says: whether orchestrators are told to send clicks here, while the service is serving. */
export const READINESS_READY = 0
/** The other instances do not know of this one yet. */
export const READINESS_STARTING = 1
/** The tables are newer than this program. */
export const READINESS_OUTDATED = 2

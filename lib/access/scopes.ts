/**
 * What a key may do. count: bulks. read: clicks, banners, the dashboard. manage: change banners.
 * operate: /health, /metrics and /fleet where they are not public, and keys.
 */
export const SCOPES = ['count', 'read', 'manage', 'operate'] as const

export type Scope = (typeof SCOPES)[number]

/**
 * Who may use a route. public: everybody. health: everybody while HEALTH_IS_PUBLIC says so, else who may operate.
 * count and read: everybody as long as there is no key, then who has the scope. manage and operate: who has the
 * scope.
 */
export type Access = 'public' | 'health' | Scope

/** The forms in which banners are imported and exported: a JSON array, a line of JSON for each, or CSV. */
export const BANNER_FORMATS = ['json', 'ndjson', 'csv'] as const
export type BannerFormat = (typeof BANNER_FORMATS)[number]

/** How coarse a file is: each of its lines has the clicks of a minute, an hour or a day. */
export const GRAINS = ['minute', 'hour', 'day'] as const
export type Grain = (typeof GRAINS)[number]

export const GRAIN_MINUTES: Readonly<Record<Grain, number>> = { minute: 1, hour: 60, day: 1440 }

/** What a question may ask entries for, from the finest step to the coarsest. `all` is the whole range. */
export const STEPS = ['minute', 'quarter', 'hour', 'day', 'week', 'month', 'all'] as const
export type Step = (typeof STEPS)[number]

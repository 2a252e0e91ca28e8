/** Of the body of a click, which is ignored: what navigator.sendBeacon may send at the most. */
export const MAX_BODY_BYTES = 64 * 1024

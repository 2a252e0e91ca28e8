import { shortened } from '../../base/shortened.ts'

/** The message about a method that a path does not have. `allowed`: those that it has, sorted. */
export function wrongMethod(method: string, allowed: readonly string[]): string {
  return `${method} is not for this path: use ${allowed.join(', ')}`
}

/** The message about a path that is not there. */
export function wrongPath(path: string): string {
  return `there is no path ${JSON.stringify(shortened(path))} here; /documentation lists the paths`
}

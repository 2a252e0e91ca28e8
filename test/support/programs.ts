import { accessSync, constants } from 'node:fs'

/* Tests need programs that npm does not install. Each finder of a program installs or unpacks its own. */

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export const isRoot = process.getuid?.() === 0

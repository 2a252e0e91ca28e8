import { accessSync, constants } from 'node:fs'

/* What tests need and npm does not bring: each finder of a program installs or unpacks its own. */

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export const isRoot = process.getuid?.() === 0

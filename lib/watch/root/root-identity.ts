// Where a root is behind links, and whether it is still the same directory.
import { realpathSync, statSync } from 'node:fs'
import { directoryId, errorCode, isMissing } from '../index/fingerprint.js'

export interface RootIdentity { readonly real: string, readonly id: string }

/** Returns `undefined` when nothing exists at the path, and `before` when that cannot be known: what is not readable may still exist. */
export function identifyRoot (path: string, before: RootIdentity | undefined): RootIdentity | undefined {
  try {
    const real = realpathSync(path)
    const stat = statSync(real)
    return { real, id: `${directoryId(stat)}:${stat.isDirectory()}` }
  } catch (error) {
    return isMissing(errorCode(error)) ? undefined : before
  }
}

export function isSameRoot (a: RootIdentity | undefined, b: RootIdentity | undefined): boolean {
  return a?.real === b?.real && a?.id === b?.id
}

// Where a root really is: behind links, and whether it is still the same directory.
import { realpathSync, statSync } from 'node:fs'
import { codeOf, identify, isGone } from '../index/content.js'

export interface Place { readonly real: string, readonly id: string }

/** @returns `undefined` when there is nothing; `before` when it can not be told (not readable is not gone). */
export function findPlace (path: string, before: Place | undefined): Place | undefined {
  try {
    const real = realpathSync(path)
    const stat = statSync(real)
    return { real, id: `${identify(stat)}:${stat.isDirectory()}` }
  } catch (error) {
    return isGone(codeOf(error)) ? undefined : before
  }
}

export function isSame (a: Place | undefined, b: Place | undefined): boolean {
  return a?.real === b?.real && a?.id === b?.id
}

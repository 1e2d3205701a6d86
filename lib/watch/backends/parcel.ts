// Loads @parcel/watcher when the first directory is watched: its binary may be missing, and an app that is not watched never needs it.
import type parcel from '@parcel/watcher'
import { BACKEND_MISSING } from './backend.js'

type Parcel = typeof parcel

/** The package of the binary is named in the error of @parcel/watcher, which tries several places for it. */
const PACKAGE = /@parcel\/watcher-[\w-]+/

/** @throws an error that says which package is missing */
export async function loadParcel (): Promise<Parcel> {
  try {
    return (await import('@parcel/watcher')).default
  } catch (cause) {
    const name = PACKAGE.exec((cause as Error).message)?.[0] ?? '@parcel/watcher'
    throw Object.assign(new Error(`the package ${name} is not installed for this system; install the optional dependencies: npm install --include=optional`, { cause }), { code: BACKEND_MISSING })
  }
}

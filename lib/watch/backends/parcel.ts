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
    throw Object.assign(new Error(explain(cause as NodeJS.ErrnoException), { cause }), { code: BACKEND_MISSING })
  }
}

function explain ({ code, message }: NodeJS.ErrnoException): string {
  // An installation would not help: `--no-addons`, or a permission model without `--allow-addons`.
  if (code === 'ERR_DLOPEN_DISABLED') return 'Node.js may not load the package @parcel/watcher, which is a native addon; start it with --allow-addons, or without --no-addons'
  return `the package ${PACKAGE.exec(message)?.[0] ?? '@parcel/watcher'} is not installed for this system; install the optional dependencies: npm install --include=optional`
}

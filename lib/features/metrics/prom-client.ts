// prom-client, an optional peer dependency.
import { createRequire } from 'node:module'
import type * as PromClient from 'prom-client'
import { errors } from '../../errors.js'
import { isOlder } from '../../shared/text.js'

const OLDEST = '15.0.0'

/** @throws FST_LIVE_RELOAD_NO_PROM_CLIENT */
export async function loadPromClient (load: () => Promise<unknown> = () => import('prom-client'), readVersion = installed): Promise<typeof PromClient> {
  try {
    const { default: client } = await load() as { default: typeof PromClient }
    const version = readVersion()
    if (isOlder(version, OLDEST)) throw new Error(`found ${version}`)
    return client
  } catch (error) {
    throw new errors.FST_LIVE_RELOAD_NO_PROM_CLIENT((error as Error).message.split('\n')[0])
  }
}

function installed (): string {
  return (createRequire(import.meta.url)('prom-client/package.json') as { version: string }).version
}

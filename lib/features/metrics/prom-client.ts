// prom-client, an optional peer dependency.
import type * as PromClient from 'prom-client'
import { errors } from '../../errors.js'

/** @throws FST_LIVE_RELOAD_NO_PROM_CLIENT */
export async function loadPromClient (load: () => Promise<unknown> = () => import('prom-client')): Promise<typeof PromClient> {
  try {
    return (await load() as { default: typeof PromClient }).default
  } catch (error) {
    throw new errors.FST_LIVE_RELOAD_NO_PROM_CLIENT((error as Error).message.split('\n')[0])
  }
}

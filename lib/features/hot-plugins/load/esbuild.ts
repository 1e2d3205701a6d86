// esbuild, which apps that reload plugins install themselves.
import type * as EsbuildModule from 'esbuild'
import { errors } from '../../../errors.js'

export type Esbuild = Pick<typeof EsbuildModule, 'build'>

/** @throws FST_LIVE_RELOAD_NO_ESBUILD */
export async function loadEsbuild (load: () => Promise<Esbuild> = () => import('esbuild')): Promise<Esbuild> {
  try {
    return await load()
  } catch (cause) {
    throw Object.assign(new errors.FST_LIVE_RELOAD_NO_ESBUILD(cause instanceof Error ? cause.message.split('\n')[0] as string : String(cause)), { cause })
  }
}

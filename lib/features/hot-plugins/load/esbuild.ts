// esbuild, which apps that reload plugins install themselves.
import type * as EsbuildModule from 'esbuild'
import { errors } from '../../../errors.js'
import { isOlder } from '../../../shared/text.js'

export type Esbuild = Pick<typeof EsbuildModule, 'build' | 'buildSync'> & Partial<Pick<typeof EsbuildModule, 'version'>>

const OLDEST = '0.20.0'

/** @throws FST_LIVE_RELOAD_NO_ESBUILD */
export async function loadEsbuild (load: () => Promise<Esbuild> = () => import('esbuild')): Promise<Esbuild> {
  try {
    const esbuild = await load()
    if (isOlder(esbuild.version ?? OLDEST, OLDEST)) throw new Error(`found ${esbuild.version}`)
    return esbuild
  } catch (cause) {
    throw Object.assign(new errors.FST_LIVE_RELOAD_NO_ESBUILD(cause instanceof Error ? cause.message.split('\n')[0] as string : String(cause)), { cause })
  }
}

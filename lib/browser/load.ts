// What most pages do not need at once: modules beside our own script, fetched when there is something to do.
import type * as more from './more.js'

export type Load<Module> = (early?: boolean) => Promise<Module>
/** The one that holds all that is ours. */
export type LoadMore = Load<typeof more>

/**
 * A module, imported: allowed wherever our own script was, and no sink of Trusted Types. Not before import maps were read,
 * unless it is known that none come (`early`).
 */
export function createLoader<Module> (name: string, base: string): Load<Module> {
  let tries = 0
  let module: Promise<Module> | undefined

  async function load (early: boolean | undefined): Promise<Module> {
    // A sandboxed page may import nothing; to try is an error in the console.
    if (origin === 'null') throw new Error('sandboxed')
    if (!early && document.readyState === 'loading') await new Promise(resolve => { addEventListener('DOMContentLoaded', resolve) })
    const url = new URL(`${name}.js`, base)
    url.search = new URL(base).search
    // An address that failed once may be remembered as failed.
    if (tries++ > 0) url.searchParams.set('try', `${tries}`)
    return import(url.href)
  }
  return early => {
    module ??= load(early).catch(error => {
      module = undefined
      throw error
    })
    return module
  }
}

// Files of the client that most pages never need: modules beside our own script, fetched when there is something to do.

/**
 * A module, imported: allowed wherever our own script was, and no sink of Trusted Types. Not before import maps were read,
 * unless the page is known to have none.
 */
export function createLoader<Module> (name: string, base: string): (early?: boolean) => Promise<Module> {
  let tries = 0
  return async early => {
    // A sandboxed page may import nothing; to try is an error in the console.
    if (origin === 'null') throw new Error('sandboxed')
    if (!early && document.readyState === 'loading') await new Promise(resolve => { addEventListener('DOMContentLoaded', resolve) })
    const url = new URL(`${name}.js`, base)
    url.search = new URL(base).search
    // An address that failed once may be remembered as failed.
    if (tries++ > 0) url.searchParams.set('try', `${tries}`)
    return import(url.href)
  }
}

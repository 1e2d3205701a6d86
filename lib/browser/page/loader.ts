// Imports modules that most pages do not need at once.
import { whenParsed } from './document.js'

export type Load<Module> = (early?: boolean) => Promise<Module>

/**
 * Returns a function that imports the module once, and again after a failure. Policies allow an import wherever they allow our own script.
 * A module import before an import map would break the map: without `early` the function waits until the document is parsed.
 */
export function createLoader<Module> (name: string, base: string): Load<Module> {
  let tries = 0
  let module: Promise<Module> | undefined

  async function load (early: boolean | undefined): Promise<Module> {
    // A sandboxed page cannot import; trying would log an error.
    if (origin === 'null') throw new Error(origin)
    if (!early) await new Promise<void>(whenParsed)
    // Our address has a query. Browsers remember the failure of an address.
    return import(base.replace(/\w+(?=\.js\?)/, name) + (tries++ ? `&try=${tries}` : ''))
  }
  return early => {
    module ??= load(early).catch(error => {
      module = undefined
      throw error
    })
    return module
  }
}

// Packages that only some options need: they are optional, so they are loaded when such an option is used.
import { errors } from '../../errors.js'

export type Load = (name: string) => Promise<unknown>

/** `what` needs it. @throws FST_LIVE_RELOAD_NO_PACKAGE */
export async function loadPackage<T> (what: string, name: string, load: Load = name => import(name)): Promise<T> {
  try {
    return await load(name) as T
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new errors.FST_LIVE_RELOAD_NO_PACKAGE(what, `${name} (${code ?? message})`, name)
  }
}

// One tab at a time holds it: a Web Lock, given on by the browser itself however a tab ends.

export interface Lock {
  readonly queued: boolean
  /** Asks for it; `steal` does not wait for who has it. */
  take (steal?: boolean): void
  /** Gives it back, or up. */
  leave (): void
}

/** `lost`: another tab stole it. Where the browser refuses locks, every tab has its own. */
export function createLock (name: string, won: () => void, lost: () => void): Lock {
  let unlock: (() => void) | undefined
  let queued: AbortController | undefined

  function win (free: () => void) {
    queued = undefined
    unlock = free
    won()
  }
  return {
    get queued () { return !!queued },
    take (steal) {
      queued?.abort()
      const mine = queued = new AbortController()
      let own: typeof unlock
      const hold = () => queued === mine && new Promise<void>(resolve => win(own = resolve))
      navigator.locks.request(name, steal ? { steal } : { signal: mine.signal }, hold).catch(() => {
        if (own && own === unlock) {
          unlock = undefined
          lost()
        } else if (queued === mine) {
          win(() => {})
        }
      })
    },
    leave () {
      queued?.abort()
      unlock?.()
      queued = unlock = undefined
    }
  }
}

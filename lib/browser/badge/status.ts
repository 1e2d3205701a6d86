// What people see of the connection and the builds: the badge, and when a build fails the overlay.
import type { ClientState } from '../../../types/client.js'
import type { BuildMessage, ClientSettings, HelloMessage } from '../../../types/message.js'
import { createIsland, make } from '../dom.js'
import type { LoadMore } from '../load.js'
import type { Overlay } from '../overlay/overlay.js'
import type { Page } from '../tag.js'
import { type Badge, createBadge, type Line } from './badge.js'
import { createBuilds } from './builds.js'

export interface Display {
  /** `show: false`: somebody else shows failures. */
  greet (hello: HelloMessage, reloaded: boolean, show: boolean): void
  build (message: BuildMessage, show: boolean): void
  state (state: ClientState): void
  /** Something people should know, until it is over (`undefined`) or clicked away. */
  note (note: Note | undefined): void
}

export interface Note {
  readonly text: string
  /** It is being worked on: nobody has to do anything. */
  readonly waiting?: boolean
  /** What a click does, for people, and for us. */
  readonly hint?: string
  readonly act?: () => void
}

/** Milliseconds: what is over sooner is not worth a flicker; how long good news stays; how often the time of a build is told. */
const PATIENCE = 300
const STAY = 1800
const TICK = 500

export function createStatus ({ base, token }: Page, load: LoadMore): Display {
  const builds = createBuilds()
  let settings: ClientSettings | undefined
  let badge: Badge | undefined
  let state: ClientState = 'connecting'
  let overlay: Overlay | undefined
  let news = ''
  let note: Note | undefined
  /** What kind of line there is to show, and since or from when on. */
  let kind: Line['kind'] = 'none'
  let due = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  function look (): Line {
    const running = builds.running()
    const errors = builds.errors()
    if (state === 'paused') return { kind: state, text: 'Live reload is paused' }
    if (state === 'connecting') return { kind: 'waiting', text: 'Reconnecting…' }
    if (running) {
      const { name, since, done = 0, total } = running
      const seconds = Math.floor((Date.now() - since) / 1000)
      return { kind: 'building', text: `Building ${name}${total ? ` · ${done} of ${total}` : ''}${seconds ? ` · ${seconds} s` : ''}` }
    }
    if (note) return { kind: note.waiting ? 'waiting' : 'note', ...note }
    if (errors) return { kind: 'failed', text: `${errors} error${errors > 1 ? 's' : ''}`, ...settings?.overlay && { hint: 'Show what failed', act: () => open(true) } }
    return { kind: news ? 'live' : 'none', text: news }
  }
  function refresh () {
    if (!badge) return
    const line = look()
    if (line.kind !== kind) due = Date.now() + (line.kind === 'building' || line.kind === 'waiting' ? PATIENCE : line.kind === 'none' && kind === 'live' ? STAY : 0)
    kind = line.kind
    clearTimeout(timer)
    timer = setTimeout(() => {
      badge?.show(line)
      news = ''
      if (kind === 'live') refresh()
      if (kind === 'building') timer = setTimeout(refresh, TICK)
    }, due - Date.now())
  }

  /** `asked`: by a click, so what was closed before as well. */
  async function open (asked?: boolean) {
    try {
      const { createOverlay } = await load()
      overlay ??= createOverlay({ base, token, make, createIsland })
      // Things may have become good while it was loaded.
      if (builds.errors()) await overlay.show(asked)
    } catch {
      console.error('[live-reload] failed:', JSON.stringify(builds.failures()))
    }
  }
  function follow (wanted: boolean) {
    refresh()
    const good = builds.failures().length === 0
    if (!good && wanted) {
      if (settings?.overlay) open()
      return
    }
    overlay?.hide(good)
  }

  return {
    greet (hello, reloaded, wanted) {
      settings = hello.client
      note = undefined
      if (settings.badge) badge ??= createBadge(settings.badge.position)
      news = reloaded ? 'Updated' : 'Connected'
      builds.greet(hello.build)
      follow(wanted)
    },
    build (message, wanted) {
      builds.hear(message)
      if (message.state === 'ok') news = `Built in ${message.ms} ms`
      // A try that has only begun says nothing new about what failed.
      if (message.state === 'ok' || message.state === 'failed') follow(wanted)
      else refresh()
    },
    state (next) {
      state = next
      refresh()
    },
    note (next) {
      note = next
      refresh()
    }
  }
}
